from typing import Any

import pytest

from core.asgi.local_clients import LocalClientsOnly


async def ask(client: Any, kind: str = "http") -> list[Any]:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"status": 200})

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event.get("status") or event.get("code"))

    await LocalClientsOnly(app)({"type": kind, "client": client}, receive, send)
    return sent


@pytest.mark.parametrize("client", [("127.0.0.1", 5), ("::1", 5), ("::ffff:127.0.0.1", 5), None])
async def test_this_machine_is_answered(client: Any) -> None:
    assert await ask(client) == [200]


@pytest.mark.parametrize("client", [("192.0.2.7", 5), ("2001:db8::1", 5), ("nonsense", 5)])
async def test_another_machine_is_turned_away(client: Any) -> None:
    assert await ask(client) == [403, None]
    assert await ask(client, "websocket") == [4403]
