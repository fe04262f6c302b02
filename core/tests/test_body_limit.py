from collections.abc import Iterator
from typing import Any

import pytest

from core.asgi.body_limit import BodyLimit


class Exchange:
    """One HTTP exchange: chunks come in, what the server says is recorded."""

    def __init__(self, *chunks: bytes, length: bytes | None = None) -> None:
        self.scope = {"type": "http", "headers": [(b"content-length", length)] if length else []}
        self.chunks: Iterator[bytes] = iter(chunks)
        self.sent: list[dict[str, Any]] = []
        self.read = b""
        self.was_cut_off = False

    async def receive(self) -> dict[str, Any]:
        return {"type": "http.request", "body": next(self.chunks), "more_body": True}

    async def send(self, event: dict[str, Any]) -> None:
        self.sent.append(event)

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        while not self.was_cut_off and len(self.read) < 10:
            event = await receive()
            self.was_cut_off = event["type"] == "http.disconnect"
            self.read += event.get("body", b"")


@pytest.mark.parametrize(
    ("exchange", "read"),
    [(Exchange(b"x" * 20, length=b"11"), b""), (Exchange(b"12345678", b"9abc"), b"12345678")],
    ids=["announced", "chunked"],
)
async def test_a_body_over_the_limit_is_refused_as_soon_as_that_is_known(
    exchange: Any, read: bytes
) -> None:
    await BodyLimit(exchange.app, most=10)(exchange.scope, exchange.receive, exchange.send)

    assert [event.get("status") for event in exchange.sent] == [413, None]
    assert exchange.read == read


async def test_a_body_within_the_limit_passes() -> None:
    exchange = Exchange(b"12345", b"67890", length=b"10")

    await BodyLimit(exchange.app, most=10)(exchange.scope, exchange.receive, exchange.send)

    assert (exchange.read, exchange.sent) == (b"1234567890", [])
