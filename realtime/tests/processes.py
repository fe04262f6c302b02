"""Server processes that tests stop and kill."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.asyncio.client import connect

from core.tests.ports import free_port, wait_for_port
from realtime.wire.envelope import encode

UVICORN = (
    "uvicorn --port {port} --ws realtime.direct:DirectProtocol --ws-per-message-deflate false"
    " --lifespan off --log-level warning --timeout-graceful-shutdown 5"
)
DAPHNE = "daphne --port {port} --verbosity 0"
SERVED = "realtime.tests.served:application"


class Process:
    def __init__(
        self, broker: Any, folder: Any, server: Any = UVICORN, application: Any = SERVED
    ) -> None:
        self.port = free_port()
        self.log = folder / f"{self.port}.log"
        command = f"{sys.executable} -m {server.format(port=self.port)}"
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(
                [*command.split(), application],
                env={**os.environ, "REDIS_URL": broker.url, "VAR_DIR": str(folder)},
                stdout=log,
                stderr=log,
            )

    def wait_until_it_listens(self) -> Any:
        try:
            wait_for_port(self.port)
        except TimeoutError:
            raise TimeoutError(self.log.read_text()) from None
        return self

    def connect(self, key: Any = None, path: Any = "/ws", **options: Any) -> Any:
        headers = {"api-key": key} if key else None
        return connect(f"ws://127.0.0.1:{self.port}{path}", additional_headers=headers, **options)


@contextmanager
def processes(
    count: Any, broker: Any, folder: Any, server: Any = UVICORN, application: Any = SERVED
) -> Iterator[Any]:
    made = [Process(broker, folder, server, application) for _ in range(count)]
    try:
        yield [process.wait_until_it_listens() for process in made]
    finally:
        for process in made:
            process.popen.kill()
            process.popen.wait()


async def join(client: Any, room: Any = "tea", since: Any = "") -> Any:
    """Join a room; return the missed events and the reply."""
    await client.send(encode("system.join", {"room": room, "since": since}))
    missed = []
    while (event := json.loads(await client.recv()))["eventName"] != "system.joined":
        missed.append(event)
    return missed, event["payload"]


async def hear(client: Any, *names: Any) -> Any:
    """Return the next event of one of these names."""
    while (event := json.loads(await client.recv()))["eventName"] not in names:
        pass
    return event
