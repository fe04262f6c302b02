"""A network between a client and a server that fragments frames, cuts connections and stalls."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import count
from urllib.parse import urlsplit

PIECE = 16
"""How many bytes go on at once: most frames come in parts."""


class Network:
    """Forwards bytes; the test controls it from its own thread."""

    def __init__(self, server: str) -> None:
        self.cut_after: int | None = None
        """New connections are cut after this number of bytes from the server."""
        self.is_stalled = False
        """While true, no bytes are forwarded, and connections stay open."""
        self.opened = 0
        self.address = ""
        self._server = urlsplit(server)
        self._ways: set[asyncio.Task[None]] = set()

    async def serve(self, port: "Future[int]", ended: asyncio.Event) -> None:
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        port.set_result(server.sockets[0].getsockname()[1])
        await ended.wait()
        server.close()
        for way in self._ways:
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)

    async def _connect(self, here: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.opened += 1
        there, on = await asyncio.open_connection(self._server.hostname, self._server.port)
        ways = [self._carry(here, on), self._carry(there, back, self.cut_after)]
        tasks = {asyncio.create_task(way) for way in ways}
        self._ways |= tasks
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for writer in (on, back):
            writer.transport.abort()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None = None
    ) -> None:
        for carried in count(0, PIECE):
            data = await reader.read(PIECE)
            while self.is_stalled:
                await asyncio.sleep(0.01)
            if not data or (most is not None and carried > most):
                return
            writer.write(data)


@contextmanager
def network_to(server: str) -> Iterator[Network]:
    """Yield a network in front of a server; clients connect to its address."""
    network, port, ended = Network(server), Future[int](), asyncio.Event()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=[network.serve(port, ended)])
    thread.start()
    try:
        network.address = f"ws://127.0.0.1:{port.result(10)}/ws"
        yield network
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(timeout=10)
        loop.close()
