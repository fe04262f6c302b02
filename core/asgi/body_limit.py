"""A limit on request bodies.

Django spools a body to disk before a view can reject it, which also fails if the disk is full.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from core.asgi.responses import respond_json
from core.storage.filesystem import is_full

logger = logging.getLogger(__name__)

Reject = Callable[[Any, int, str, str], Awaitable[None]]
"""Sends a response with a status, a code and a sentence."""

TOO_LARGE = 413, "too_large", "The body is too large."
NO_ROOM = 507, "insufficient_storage", "The body cannot be received: no space left on the server."


class BodyLimit:
    """ASGI middleware that answers 413 as soon as a body is known to exceed `most` bytes.

    It answers 507 if the disk for temporary files is full. `reject` sends these responses.
    """

    def __init__(self, app: Any, most: int, reject: Reject | None = None) -> None:
        self.app = app
        self.most = most
        self.reject = reject or reject_as_api

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if _content_length(scope) > self.most:
            await self.reject(send, *TOO_LARGE)
            return
        seen, has_begun = 0, False

        async def receive_counted() -> Any:
            nonlocal seen
            event = await receive()
            if event["type"] == "http.request":
                seen += len(event["body"])
            if seen > self.most:
                await self.reject(send, *TOO_LARGE)
                return {"type": "http.disconnect"}  # makes Django abort the request
            return event

        async def send_recorded(event: Any) -> None:
            nonlocal has_begun
            has_begun = True
            await send(event)

        try:
            await self.app(scope, receive_counted, send_recorded)
        except OSError as error:
            if has_begun or not is_full(error):
                raise
            logger.error("A request body could not be received: %s", error)
            await self.reject(send, *NO_ROOM)


def _content_length(scope: Any) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def reject_as_api(send: Any, status: int, code: str, message: str) -> None:
    """Respond with an error in the format of the microblog API."""
    error = {"result": False, "error_type": code, "error_message": message}
    await respond_json(send, status, error, [(b"connection", b"close")])
