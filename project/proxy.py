"""Where callers are when a proxy stands between them and the site."""

from typing import Any


class CallersOfProxy:
    """ASGI middleware that believes the proxy about where each caller is.

    Of X-Forwarded-For it reads the last address alone: that one was written by the proxy itself,
    those before it are what the client claims.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        address = _told(scope.get("headers", ()))
        await self.app({**scope, "client": (address, 0)} if address else scope, receive, send)


def _told(headers: Any) -> str:
    told = [value for name, value in headers if name == b"x-forwarded-for"]
    return str(told[-1].decode("latin-1").rpartition(",")[2].strip()) if told else ""
