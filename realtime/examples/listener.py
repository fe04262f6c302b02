"""Listen to a room with Zaptools' client: `python realtime/examples/listener.py --help`.

The program authenticates, joins a room and prints its events. After an interruption it reconnects
and catches up. It requires `pip install zaptools` and nothing of this project.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import random
from collections.abc import AsyncGenerator
from typing import Any

from websockets.exceptions import WebSocketException
from zaptools.client import ZapClient

MAX_PAUSE = 15.0  # seconds

logger = logging.getLogger(__name__)


async def listen(url: str, room: str, api_key: str = "") -> AsyncGenerator[Any, None]:
    """Yield the events of a room, in order and once, for ever."""
    offset, failures = "", 0
    while True:
        client = ZapClient()
        try:
            await client.connect(url)
            if api_key:
                await client.send("system.auth", {"api_key": api_key}, {})
            await client.send("system.join", {"room": room, "since": offset}, {})
            async for event in client.event_stream():
                failures = 0
                if event.event_name == "error":
                    raise SystemExit(event.payload["message"])
                if event.event_name == "system.joined":
                    offset = event.payload["offset"]
                if event.headers.get("room") == room:
                    offset = event.headers.get("offset", offset)
                    yield event
        except (OSError, WebSocketException) as error:
            failures += 1
            logger.warning("The connection was lost: %s", error)
        # Random, since all clients were disconnected at the same moment.
        await asyncio.sleep(random.random() * min(MAX_PAUSE, 2**failures))  # noqa: S311


async def show(url: str, room: str, api_key: str) -> None:
    async for event in listen(url, room, api_key):
        print(event.event_name, event.payload, flush=True)  # noqa: T201  a command


def main() -> None:
    parser = argparse.ArgumentParser(description="Print the events of a room.")
    parser.add_argument("room")
    parser.add_argument("--url", default="ws://127.0.0.1:8000/ws", help="%(default)s")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(show(given.url, given.room, os.environ.get("API_KEY", "")))


if __name__ == "__main__":
    main()
