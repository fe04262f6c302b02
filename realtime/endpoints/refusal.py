"""Refusals before a connection is open: HTTP responses with the error as JSON."""

from http import HTTPStatus
from typing import Any

from core.asgi.responses import DENIAL, HTTP, respond_json
from realtime.connections.transports import Send
from realtime.errors import EventError

STATUSES = {
    "bad_payload": HTTPStatus.BAD_REQUEST,
    "unauthorized": HTTPStatus.UNAUTHORIZED,
    "invalid_key": HTTPStatus.UNAUTHORIZED,
    "not_found": HTTPStatus.NOT_FOUND,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "upgrade_required": HTTPStatus.UPGRADE_REQUIRED,
    "too_many_connections": HTTPStatus.TOO_MANY_REQUESTS,
    "too_many_keys": HTTPStatus.TOO_MANY_REQUESTS,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}


async def refuse_request(error: EventError, send: Send, *more_headers: tuple[bytes, bytes]) -> None:
    """Answer an HTTP request with the error as JSON."""
    await _respond(HTTP, error, send, *more_headers)


async def refuse_handshake(error: EventError, scope: dict[str, Any], send: Send) -> None:
    """Answer a WebSocket handshake with the error, or a bare 403 if the server cannot."""
    if DENIAL in scope.get("extensions", {}):
        await _respond(DENIAL, error, send)
    else:
        await send({"type": "websocket.close", "code": 4403, "reason": error.message})


async def _respond(kind: str, error: EventError, send: Send, *more: tuple[bytes, bytes]) -> None:
    status = STATUSES.get(error.code, HTTPStatus.FORBIDDEN)
    headers = [(b"cache-control", b"no-store"), *more]
    await respond_json(send, status, error.payload, headers, kind=kind)
