"""With DEBUG on, only clients on this host are served: the demo's keys are public."""

from ipaddress import ip_address
from typing import Any

from core.asgi.responses import respond

REFUSAL = (
    b"With DEBUG on, Svyaz serves only clients on this machine. Set DEBUG=0 to serve others.\n"
)


class LocalClientsOnly:
    """ASGI middleware that rejects clients on other hosts."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" or _is_local(scope.get("client")):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4403})
        else:
            await respond(send, 403, REFUSAL, [(b"content-type", b"text/plain; charset=utf-8")])


def _is_local(client: Any) -> bool:
    """Return whether the peer is on this host; a unix socket has no address."""
    if not client or not client[0]:
        return True
    try:
        address = ip_address(client[0].split("%")[0])
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
