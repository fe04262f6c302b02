"""The client's address behind a reverse proxy."""

from typing import Any


class ForwardedClient:
    """ASGI middleware that takes the client's address from X-Forwarded-For.

    It reads the last address only: the proxy itself has added that one, and those before it come
    from the client.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        address = _forwarded_address(scope.get("headers", ()))
        await self.app({**scope, "client": (address, 0)} if address else scope, receive, send)


def _forwarded_address(headers: Any) -> str:
    values = [value for name, value in headers if name == b"x-forwarded-for"]
    return str(values[-1].decode("latin-1").rpartition(",")[2].strip()) if values else ""
