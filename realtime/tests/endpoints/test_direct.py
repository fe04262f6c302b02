"""DirectProtocol against the frames of other implementations."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode, apply_mask  # type: ignore[attr-defined]

from realtime.connections.limits import Limits
from realtime.direct import DirectProtocol
from realtime.endpoints.websocket import EventConsumer
from realtime.register import EventContext, EventRegister
from realtime.tests.servers import serving

SIZES = [0, 1, 100, 125, 126, 127, 5_000, 60_000, 65_535, 65_536, 200_000]
NO_LIMITS = Limits(frame_size=10**9, events_at_once=10**9, outbox_size=10**9)


@pytest.fixture
def register() -> Any:
    return EventRegister(anonymous=True, in_order=True)


@pytest.mark.parametrize("seed", range(5))
async def test_texts_are_received_complete_and_in_order(register: Any, seed: Any) -> None:
    chance = random.Random(seed)
    texts = [chance.choice("xж") * chance.choice(SIZES) for _ in range(60)]
    heard = []

    @register.on_event("say")
    async def say(context: EventContext) -> None:
        heard.append(context.payload)

    with serving(EventConsumer.as_asgi(register, NO_LIMITS), DirectProtocol) as url:
        async with _raw(url) as (_, writer):
            wire = b"".join(part for text in texts for part in _in_parts(chance, _saying(text)))
            for chunk in _cut(chance, wire):
                writer.write(chunk)
                await writer.drain()
                await asyncio.sleep(0)  # so that it is sent on its own
            async with asyncio.timeout(10):
                while len(heard) < len(texts):
                    await asyncio.sleep(0.01)

    assert heard == texts


@pytest.mark.parametrize("cut", range(1, 8))
async def test_the_rest_of_a_frame_is_not_parsed_as_a_new_one(register: Any, cut: Any) -> None:
    @register.on_event("say")
    async def say(context: EventContext) -> None:
        await context.reply(context.payload)

    body, mask = _saying("tea").data, b"\x81\x85\x81\x81"  # which look like the head of a text
    frame = bytes([0x81, 0x80 | len(body)]) + mask + apply_mask(body, mask)
    with serving(EventConsumer.as_asgi(register), DirectProtocol) as url:
        async with _raw(url) as (reader, writer):
            for part in (frame[:cut], frame[cut:]):
                writer.write(part)
                await asyncio.sleep(0.05)
            async with asyncio.timeout(5):
                answer = await reader.readuntil(b"}")

    assert json.loads(answer[2:])["payload"] == "tea"


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 200_000])
async def test_texts_of_any_size_are_sent_complete(register: Any, size: int) -> None:
    @register.on_event("grow")
    async def grow(context: EventContext) -> None:
        for text in ("x" * size, "ж" * size):
            await context.connection.send("grown", text)
        await context.connection.close(4001)

    with serving(EventConsumer.as_asgi(register), DirectProtocol) as url:
        async with connect(url) as client:
            await client.send('{"eventName": "grow"}')
            grown = []
            with contextlib.suppress(ConnectionClosed):
                while True:
                    grown.append(json.loads(await client.recv())["payload"])

    assert grown == ["x" * size, "ж" * size]
    assert client.close_code == 4001


@pytest.mark.parametrize(
    ("request_line", "header", "status"),
    [
        ("GET /ws", "Cookie: " + "x" * 9000, b"431"),
        ("GET /ws", "\r\n".join(f"X-{number}: 1" for number in range(200)), b"431"),
        (f"GET /ws?{'x' * 9000}", "X: 1", b"431"),
        ("POST /ws", "X: 1", b"400"),
        ("GET /ws", "Content-Length: 5", b"400"),
        ("GET /ws", "Transfer-Encoding: chunked", b"400"),
    ],
    ids=["long header", "many headers", "long address", "method", "body", "chunks"],
)
async def test_a_malformed_handshake_is_answered(
    register: Any, request_line: str, header: Any, status: bytes
) -> None:
    with serving(EventConsumer.as_asgi(register), DirectProtocol) as url:
        address = urlsplit(url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(
            f"{request_line} HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{header}\r\n\r\n".encode()
        )
        async with asyncio.timeout(5):
            answer = await reader.read()  # to the end: the socket is closed
        writer.close()

    assert answer.split()[1] == status


async def test_invalid_utf8_closes_the_connection(register: Any) -> None:
    with serving(EventConsumer.as_asgi(register), DirectProtocol) as url:
        async with _raw(url) as (reader, writer):
            writer.write(_frame(Opcode.TEXT, b"\xff\xfe") + _saying("more").serialize(mask=True))
            async with asyncio.timeout(5):
                answer = await reader.read()

    assert answer[2:] == (1007).to_bytes(2, "big") + b"Text frames must be UTF-8."


async def test_a_text_inside_a_fragmented_message_is_a_protocol_error(register: Any) -> None:
    with serving(EventConsumer.as_asgi(register), DirectProtocol) as url:
        async with _raw(url) as (reader, writer):
            writer.write(_frame(Opcode.TEXT, b'{"event', fin=False))
            writer.write(_frame(Opcode.TEXT, b"{}"))
            async with asyncio.timeout(5):
                answer = await reader.read()

    assert answer[2:4] == (1002).to_bytes(2, "big")


async def test_an_unmasked_text_is_a_protocol_error(register: Any) -> None:
    with serving(EventConsumer.as_asgi(register), DirectProtocol) as url:
        async with _raw(url) as (reader, writer):
            writer.write(Frame(Opcode.TEXT, b"{}").serialize(mask=False))
            async with asyncio.timeout(5):
                answer = await reader.read()

    assert answer[2:4] == (1002).to_bytes(2, "big")


def _saying(text: Any) -> Any:
    return Frame(Opcode.TEXT, json.dumps({"eventName": "say", "payload": text}).encode())


def _frame(opcode: Any, data: Any, fin: Any = True) -> Any:
    return Frame(opcode, data, fin).serialize(mask=True)


def _in_parts(chance: Any, frame: Any) -> Iterator[Any]:
    """Yield a text as it is, or in three parts with a ping in between."""
    if chance.random() < 0.7:
        yield frame.serialize(mask=True)
        return
    one, two = sorted(chance.randrange(len(frame.data)) for _ in range(2))
    yield _frame(Opcode.TEXT, frame.data[:one], fin=False)
    yield _frame(Opcode.PING, b"there?")
    yield _frame(Opcode.CONT, frame.data[one:two], fin=False)
    yield _frame(Opcode.CONT, frame.data[two:])


def _cut(chance: Any, wire: Any) -> Iterator[Any]:
    """Yield the bytes in random pieces, which may split frames and their headers."""
    while wire:
        size = chance.choice([1, 2, 3, 7, 50, 1_000, 100_000])
        yield wire[:size]
        wire = wire[size:]


@contextlib.asynccontextmanager
async def _raw(url: Any) -> AsyncIterator[Any]:
    """Open a WebSocket whose bytes the test writes itself."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(
        f"GET /ws HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    try:
        await reader.readuntil(b"\r\n\r\n")
        yield reader, writer
    finally:
        writer.close()


async def test_a_server_that_shuts_down_sends_close_frames_with_a_reason(register: Any) -> None:
    with serving(EventConsumer.as_asgi(register), DirectProtocol) as url:
        client = await connect(url)
    await client.wait_closed()

    assert (client.close_code, client.close_reason) == (1012, "The server restarts.")
