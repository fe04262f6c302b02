"""Talk to the live line with Zaptools' own client: `python realtime/examples/listener.py --help`.

It says who it is, joins a room, shows what is told there, and comes back where it was when the line
breaks. It needs `pip install zaptools` and nothing of this project.
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

LONGEST_PAUSE = 15.0

logger = logging.getLogger(__name__)


async def listen(url: str, room: str, api_key: str = "") -> AsyncGenerator[Any, None]:
    """Give what is told in the room, as it is told and once, for ever."""
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
            logger.warning("The line is away: %s", error)
        # Spread, since everybody who listens was cut off at the same moment.
        await asyncio.sleep(random.random() * min(LONGEST_PAUSE, 2**failures))  # noqa: S311


async def show(url: str, room: str, api_key: str) -> None:
    async for event in listen(url, room, api_key):
        print(event.event_name, event.payload, flush=True)  # noqa: T201  what it is for


def main() -> None:
    parser = argparse.ArgumentParser(description="Show what is told in a room of the live line.")
    parser.add_argument("room")
    parser.add_argument("--url", default="ws://127.0.0.1:8000/ws", help="%(default)s")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(show(given.url, given.room, os.environ.get("API_KEY", "")))


if __name__ == "__main__":
    main()
