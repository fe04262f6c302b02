"""With DEBUG on, this machine alone is answered: the demo's sign-in and keys are no secrets."""

from ipaddress import ip_address
from typing import Any

REFUSAL = b"With DEBUG on, Svyaz answers this machine only. Set DEBUG=0 to serve others.\n"


class LoopbackOnly:
    """ASGI middleware that turns away whoever connects from another machine."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" or _is_near(scope.get("client")):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4403})
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": REFUSAL})


def _is_near(client: Any) -> bool:
    """Tell whether the peer is on this machine; a unix socket has no address."""
    if not client or not client[0]:
        return True
    try:
        address = ip_address(client[0].split("%")[0])
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
