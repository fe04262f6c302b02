"""The fixture of the test kit."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.crypto import get_random_string

from bots import outgoing
from bots.models import Bot
from bots.testing.client import BotClient
from bots.testing.pachca import Pachca

BOT_USER_ID = 900


@pytest.fixture
def bot_client(db: Any) -> Iterator[BotClient]:
    """A bot that people can write to, and a Pachca in memory behind it."""
    bot = Bot.objects.create(
        name="Test",
        slug="test",
        token=get_random_string(8),
        signing_secret=get_random_string(8),
        pachca_user_id=BOT_USER_ID,
    )
    pachca = Pachca(BOT_USER_ID)
    client = BotClient(bot, pachca)
    with outgoing.used(pachca, bot=bot.slug):
        yield client
    client.close()
