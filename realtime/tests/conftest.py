"""Fixtures of the realtime tests."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_django.fixtures import SettingsWrapper
from zaptools.client import ZapClient

from realtime.register import EventRegister
from realtime.testing import broker, sockets

__all__ = ["broker", "dial", "register", "sockets"]


@pytest.fixture
def register(settings: SettingsWrapper) -> Any:
    """A register with API keys, whose users may join the room tea."""
    settings.KEY_AUTHENTICATOR = "realtime.tests.people.owner_of_key"
    made = EventRegister()

    @made.on_join("tea")
    async def anyone(context: Any, room: Any) -> bool:
        return True

    return made


@pytest.fixture
async def dial() -> AsyncIterator[Any]:
    """Connect Zaptools' clients, which are closed at the end."""
    clients = []

    async def connected(url: Any) -> Any:
        client = ZapClient()
        await client.connect(url)
        clients.append(client)
        return client, client.event_stream()

    yield connected
    for client in clients:
        await client.close()
