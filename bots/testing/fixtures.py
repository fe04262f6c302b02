"""The fixture of the test kit."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from bots.testing.client import BotClient
from bots.testing.pachca import Pachca

BOT_USER_ID = 900


@pytest.fixture
def bot_client(db: Any) -> Iterator[BotClient]:
    """A bot with an in-memory Pachca."""
    pachca = Pachca(BOT_USER_ID)
    open_backend = import_string(settings.BOTS_TEST_BACKEND)
    with open_backend(pachca) as backend:
        client = BotClient(backend, pachca)
        yield client
        client.close()
