"""Fixtures of the realtime tests."""

import pytest
from zaptools.client import ZapClient

from realtime.register import EventRegister
from realtime.testing import broker, sockets

__all__ = ["broker", "dial", "register", "sockets"]


@pytest.fixture
def register(settings):
    """Let in who has a key, and each of them into the room tea."""
    settings.KEY_AUTHENTICATOR = "realtime.tests.people.owner_of_key"
    made = EventRegister()

    @made.on_join("tea")
    async def anyone(context, room):
        return True

    return made


@pytest.fixture
async def dial():
    """Connect Zaptools' client; every one is closed at the end."""
    clients = []

    async def connected(url):
        client = ZapClient()
        await client.connect(url)
        clients.append(client)
        return client, client.event_stream()

    yield connected
    for client in clients:
        await client.close()
