"""Responses of ASGI applications that run next to Django."""

import json
from collections.abc import Iterable
from typing import Any

Headers = Iterable[tuple[bytes, bytes]]

HTTP = "http.response"
DENIAL = "websocket.http.response"
"""The ASGI extension for a response to a websocket handshake; Daphne does not support it."""
WITHOUT_BODY = (204, 304)


async def respond(
    send: Any,
    status: int,
    body: bytes = b"",
    headers: Headers = (),
    *,
    kind: str = HTTP,
    with_body: bool = True,
) -> None:
    """Send a response with Content-Length; `with_body` is False for HEAD requests."""
    headers = [*headers]
    if status not in WITHOUT_BODY:
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": f"{kind}.start", "status": int(status), "headers": headers})
    await send({"type": f"{kind}.body", "body": body if with_body else b""})


async def respond_json(
    send: Any, status: int, payload: Any, headers: Headers = (), *, kind: str = HTTP
) -> None:
    typed = [(b"content-type", b"application/json"), *headers]
    await respond(send, status, json.dumps(payload).encode(), typed, kind=kind)
