"""A client that talks to an ASGI application without a network."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.testing import WebsocketCommunicator

from realtime.connections.limits import Limits
from realtime.endpoints.websocket import EventConsumer
from realtime.register import EventRegister


class Client(WebsocketCommunicator):
    async def emit(self, event: str, payload: Any = None, **headers: Any) -> None:
        await self.send_json_to({"eventName": event, "payload": payload, "headers": headers})

    async def hear(self, timeout: float = 3) -> tuple[str, Any]:
        frame = json.loads(await self.receive_from(timeout))
        return frame["eventName"], frame["payload"]

    async def hear_close(self, timeout: float = 3) -> int:
        """Return the code of the close, after whatever was sent before it."""
        while (message := await self.receive_output(timeout))["type"] != "websocket.close":
            pass
        await self.wait(timeout)
        return int(message["code"])


@asynccontextmanager
async def connected(
    register: EventRegister,
    limits: Limits | None = None,
    headers: list[tuple[bytes, bytes]] | None = None,
) -> AsyncIterator[Client]:
    client = Client(EventConsumer.as_asgi(register, limits), "/ws", headers)
    is_accepted, _ = await client.connect(timeout=3)
    assert is_accepted
    yield client
    await client.disconnect(timeout=10)
