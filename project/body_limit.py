"""A limit on request bodies: Django spools a whole body to disk before any view can refuse it."""

from typing import Any

# In the shape of the microblog's contract, whichever call it was.
ANSWER = b'{"result": false, "error_type": "too_large", "error_message": "The body is too large."}'


class BodyLimit:
    """ASGI middleware that answers 413 as soon as a body is known to exceed `most` bytes."""

    def __init__(self, app: Any, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if _announced(scope) > self.most:
            await _refuse(send)
            return
        seen = 0

        async def counted() -> Any:
            nonlocal seen
            event = await receive()
            if event["type"] == "http.request":
                seen += len(event["body"])
            if seen > self.most:
                await _refuse(send)
                return {"type": "http.disconnect"}  # makes Django give the request up
            return event

        await self.app(scope, counted, send)


def _announced(scope: Any) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def _refuse(send: Any) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})
