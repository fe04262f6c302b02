import pytest
from django.db import connection

from bots.fields import SecretUnreadable
from bots.models import Bot


def stored_token() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM bots_bot")
        return str(cursor.fetchone()[0])


def test_secrets_are_not_readable_at_rest(bot):
    assert "tkn" not in stored_token()
    assert Bot.objects.get().token == "tkn"


def test_a_rotated_key_still_reads_and_saving_moves_on(bot, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next one"
    Bot.objects.get().save()

    settings.SECRET_KEY_FALLBACKS = []

    assert Bot.objects.get().token == "tkn"


def test_a_lost_key_is_said_clearly(bot, settings):
    settings.SECRET_KEY = "another one"

    with pytest.raises(SecretUnreadable, match="SECRET_KEY_FALLBACKS"):
        Bot.objects.get()


def test_an_empty_secret_stays_empty(bot):
    bot.token = ""
    bot.save()

    assert stored_token() == ""
