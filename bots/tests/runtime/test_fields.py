from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import SettingsWrapper

from bots.models import Bot
from bots.models.fields import SecretUnreadable


def stored_token() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM bots_bot")
        return str(cursor.fetchone()[0])


def test_secrets_are_not_readable_at_rest(bot: Any) -> None:
    assert "tkn" not in stored_token()
    assert Bot.objects.get().token == "tkn"


def test_a_rotated_key_still_reads_and_saving_moves_on(bot: Any, settings: SettingsWrapper) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next one"
    Bot.objects.get().save()

    settings.SECRET_KEY_FALLBACKS = []

    assert Bot.objects.get().token == "tkn"


def test_a_lost_key_is_said_clearly(bot: Any, settings: SettingsWrapper) -> None:
    settings.SECRET_KEY = "another one"

    with pytest.raises(SecretUnreadable, match="SECRET_KEY_FALLBACKS"):
        Bot.objects.get()


def test_an_empty_secret_stays_empty(bot: Any) -> None:
    bot.token = ""
    bot.save()

    assert stored_token() == ""
