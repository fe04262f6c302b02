"""Clients that never read: their sockets are closed for good, whatever fills the buffer.

These are also the canary tests of `sockets.py`, which relies on attributes of the servers' objects.
"""

import asyncio
import contextlib
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode

from realtime.actions import apublish
from realtime.connections.limits import Limits
from realtime.direct import DirectProtocol
from realtime.endpoints.sse import EventStream
from realtime.endpoints.websocket import EventConsumer
from realtime.register import EventRegister
from realtime.rooms.hub import Hub
from realtime.tests.processes import DAPHNE, Process, processes
from realtime.tests.servers import serving

PROTOCOLS = ["websockets-sansio", DirectProtocol]
LIMITS = Limits(outbox_size=200_000, close_within=0.5, events_at_once=10**9, events_per_second=1e9)
PING = Frame(Opcode.PING, b"x" * 125).serialize(mask=True)


@pytest.fixture
def register() -> Any:
    made = EventRegister(anonymous=True)

    @made.on_join("*")
    async def anyone(context: Any, room: Any) -> bool:
        return True

    return made


async def call(url: Any, request: Any) -> Any:
    """Open a socket with a small receive buffer and send a request; read nothing."""
    address = urlsplit(url)
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, (address.hostname, address.port))
    await loop.sock_sendall(sock, request.format(host=address.netloc).encode())
    return sock


async def call_websocket(url: Any) -> Any:
    sock = await call(
        url,
        "GET /ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    )
    loop = asyncio.get_running_loop()
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += await loop.sock_recv(sock, 1)
    return sock


async def read_to_the_end(sock: Any, within: Any = 10.0) -> Any:
    """Return how many bytes are received until the connection ends."""
    received = 0
    async with asyncio.timeout(within):
        with contextlib.suppress(ConnectionError):
            while data := await asyncio.get_running_loop().sock_recv(sock, 65_536):
                received += len(data)
    return received


async def is_reset(sock: Any, data: Any = PING, within: Any = 10.0) -> bool:
    """Return whether the server closes the connection: writing to it fails."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            try:
                while True:
                    await loop.sock_sendall(sock, data)
                    await asyncio.sleep(0.02)
            except OSError:
                return True
    return False


def callers() -> Any:
    return sum(sum(hub.places.values()) for hub in Hub.of_this_process())


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=["stock", "direct"])
async def test_pongs_that_are_not_read_count_towards_the_limit_and_the_socket_is_aborted(
    register: Any, protocol: Any
) -> None:
    with serving(EventConsumer.as_asgi(register, LIMITS), protocol) as url:
        sock = await call_websocket(url)

        assert await is_reset(sock, PING * 100)
        sock.close()


async def test_pings_count_as_events(register: Any) -> None:
    limits = Limits(events_at_once=5, events_per_second=0, offences_at_once=1)
    with serving(EventConsumer.as_asgi(register, limits), DirectProtocol) as url:
        async with connect(url) as client:
            for _ in range(10):
                await client.ping()
            await client.wait_closed()

    assert (client.close_code, client.close_reason) == (4429, "Too many events; slow down.")


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=["stock", "direct"])
async def test_the_socket_of_a_slow_client_is_closed(
    register: Any, broker: Any, protocol: Any
) -> None:
    with serving(EventConsumer.as_asgi(register, LIMITS), protocol) as url:
        sock = await call_websocket(url)
        joining = Frame(Opcode.TEXT, b'{"eventName": "system.join", "payload": {"room": "tea"}}')
        await asyncio.get_running_loop().sock_sendall(sock, joining.serialize(mask=True))
        await asyncio.sleep(0.3)
        for _ in range(150):
            await apublish("poured", "x" * 60_000, "tea")

        assert await is_reset(sock)
        assert callers() == 0
        sock.close()


async def test_the_socket_of_a_slow_event_stream_is_closed(register: Any, broker: Any) -> None:
    with serving(EventStream.as_asgi(register, LIMITS)) as url:
        sock = await call(url, "GET /events?room=tea HTTP/1.1\r\nHost: {host}\r\n\r\n")
        await asyncio.sleep(0.3)
        assert callers() == 1
        for _ in range(150):
            await apublish("poured", "x" * 60_000, "tea")

        assert await is_reset(sock)
        assert callers() == 0
        sock.close()


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=["stock", "direct"])
async def test_a_client_that_does_not_read_its_close_frame_is_dropped(
    register: Any, protocol: Any
) -> None:
    @register.on_event("fill")
    async def fill(context: Any) -> None:
        connection = context.connection
        while connection.unread < 150_000:
            await connection.send("filled", "x" * 30_000)
            await asyncio.sleep(0)
        await connection.close(4001, "Enough.")

    with serving(EventConsumer.as_asgi(register, LIMITS), protocol) as url:
        sock = await call_websocket(url)
        filling = Frame(Opcode.TEXT, b'{"eventName": "fill"}').serialize(mask=True)
        await asyncio.get_running_loop().sock_sendall(sock, filling)
        await asyncio.sleep(1)

        assert await is_reset(sock)
        sock.close()


CLOSE = Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=["stock", "direct"])
@pytest.mark.parametrize("last", [CLOSE, b"\xff\xff", None], ids=["close", "garbage", "half"])
async def test_a_client_that_ends_a_connection_without_reading_is_dropped(
    register: Any, protocol: Any, last: Any
) -> None:
    sent = []

    @register.on_event("fill")
    async def fill(context: Any) -> None:
        while context.connection.unread < 150_000:
            sent.append("x" * 30_000)
            await context.connection.send("filled", sent[-1])
            await asyncio.sleep(0)

    with serving(EventConsumer.as_asgi(register, LIMITS), protocol) as url:
        sock = await call_websocket(url)
        loop = asyncio.get_running_loop()
        filling = Frame(Opcode.TEXT, b'{"eventName": "fill"}').serialize(mask=True)
        await loop.sock_sendall(sock, filling)
        await asyncio.sleep(1)
        if last is None:
            sock.shutdown(socket.SHUT_WR)
        else:
            await loop.sock_sendall(sock, last)
        await asyncio.sleep(3)
        received = await read_to_the_end(sock)
        sock.close()

    # What was in the kernel's buffer may arrive; the server's buffer was discarded.
    assert received < sum(map(len, sent)) - 30_000
    assert callers() == 0


async def test_empty_fragments_are_not_collected(register: Any) -> None:
    with serving(EventConsumer.as_asgi(register), DirectProtocol) as url:
        sock = await call_websocket(url)
        loop = asyncio.get_running_loop()
        start = Frame(Opcode.TEXT, b'{"eventName": "system.ping"', fin=False)
        empty = Frame(Opcode.CONT, b"", fin=False).serialize(mask=True)
        end = Frame(Opcode.CONT, b"}", fin=True)
        await loop.sock_sendall(sock, start.serialize(mask=True) + empty * 1000)
        await loop.sock_sendall(sock, end.serialize(mask=True))
        async with asyncio.timeout(5):
            answer = await loop.sock_recv(sock, 1000)
        sock.close()

    assert json.loads(answer[2:]) == {"eventName": "system.pong", "payload": None}


@pytest.mark.slow
async def test_under_daphne_a_client_that_does_not_read_is_cut_off_too(
    broker: Any, tmp_path: Path
) -> None:
    with processes(1, broker, tmp_path, DAPHNE) as [server]:
        sock = await call_websocket(_url(server))
        joining = Frame(Opcode.TEXT, b'{"eventName": "system.join", "payload": {"room": "tea"}}')
        await asyncio.get_running_loop().sock_sendall(sock, joining.serialize(mask=True))
        await asyncio.sleep(0.5)
        for _ in range(150):
            await apublish("poured", "x" * 60_000, "tea")

        assert await is_reset(sock, within=15)
        sock.close()


def _url(server: Process) -> str:
    return f"ws://127.0.0.1:{server.port}/ws"
