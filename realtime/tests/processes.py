"""Server processes of their own, to be stopped and killed."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

from websockets.asyncio.client import connect

from realtime.envelope import encode

UVICORN = (
    "uvicorn --port {port} --ws realtime.direct:DirectProtocol --ws-per-message-deflate false"
    " --lifespan off --log-level warning --timeout-graceful-shutdown 5"
)
DAPHNE = "daphne --port {port} --verbosity 0"
SERVED = "realtime.tests.served:application"


class Process:
    def __init__(self, broker, folder, server=UVICORN, application=SERVED):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = folder / f"{self.port}.log"
        command = f"{sys.executable} -m {server.format(port=self.port)}"
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(
                [*command.split(), application],
                env={**os.environ, "REDIS_URL": broker.url, "VAR_DIR": str(folder)},
                stdout=log,
                stderr=log,
            )

    def wait_until_it_listens(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise TimeoutError(self.log.read_text())

    def connect(self, key=None, path="/ws", **options):
        headers = {"api-key": key} if key else None
        return connect(f"ws://127.0.0.1:{self.port}{path}", additional_headers=headers, **options)


@contextmanager
def processes(count, broker, folder, server=UVICORN, application=SERVED):
    made = [Process(broker, folder, server, application) for _ in range(count)]
    try:
        yield [process.wait_until_it_listens() for process in made]
    finally:
        for process in made:
            process.popen.kill()
            process.popen.wait()


async def join(client, room="tea", since=""):
    """Join a room; return what was missed, and the answer."""
    await client.send(encode("system.join", {"room": room, "since": since}))
    missed = []
    while (event := json.loads(await client.recv()))["eventName"] != "system.joined":
        missed.append(event)
    return missed, event["payload"]


async def hear(client, *names):
    """Return the next event of one of these names."""
    while (event := json.loads(await client.recv()))["eventName"] not in names:
        pass
    return event
