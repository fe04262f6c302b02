"""A change of SECRET_KEY loses nothing, and what would be lost is named before it is."""

from io import StringIO
from typing import Any

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import SettingsWrapper

from bots.models import Bot
from bots.setup.secrets import log_unreadable_secrets
from core.tests.ports import free_port
from project.tests.test_settings import PRODUCTION, run
from twitter.models import ApiKey, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def bot() -> Bot:
    return Bot.objects.create(name="Demo", slug="demo", token="tkn", signing_secret="sgn")


def change_secret_key(settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "the next one"


def rotate() -> str:
    out = StringIO()
    call_command("rotate_secrets", stdout=out)
    return out.getvalue()


def test_tokens_and_signing_secrets_move_to_the_new_key(
    bot: Any, settings: SettingsWrapper
) -> None:
    change_secret_key(settings)

    assert "Encrypted with SECRET_KEY: 2." in rotate()

    settings.SECRET_KEY_FALLBACKS = []
    moved = Bot.objects.get()
    assert (moved.token, moved.signing_secret) == ("tkn", "sgn")


def test_rotating_twice_is_harmless(bot: Any, settings: SettingsWrapper) -> None:
    change_secret_key(settings)

    rotate()
    settings.SECRET_KEY_FALLBACKS = []
    rotate()

    assert Bot.objects.get().token == "tkn"


def test_api_keys_that_still_need_the_former_key_are_listed(settings: SettingsWrapper) -> None:
    owner = User.objects.create_user("vera", name="Вера")
    _, used = ApiKey.objects.make(owner, "laptop")
    ApiKey.objects.make(owner, "phone")
    change_secret_key(settings)
    ApiKey.objects.find_owner(used)

    output = rotate()

    assert "vera: phone (" in output
    assert "laptop" not in output


def test_a_lost_secret_is_named_and_the_others_move(bot: Any, settings: SettingsWrapper) -> None:
    readable = Bot.objects.create(name="Other", slug="other", token="second")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bots_bot SET token = 'garbage' WHERE id = %s", [bot.pk])
    change_secret_key(settings)

    with pytest.raises(CommandError, match=r"Cannot be decrypted: .*Demo\): token"):
        rotate()

    settings.SECRET_KEY_FALLBACKS = []
    assert Bot.objects.get(pk=readable.pk).token == "second"
    assert Bot.objects.only("signing_secret").get(pk=bot.pk).signing_secret == "sgn"


def test_migrate_and_the_start_of_a_worker_name_secrets_that_cannot_be_read(
    bot: Any, settings: SettingsWrapper, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SECRET_KEY = "a wrong one"

    found = run_checks(tags=[Tags.database], databases=["default"])
    log_unreadable_secrets()

    assert [it.id for it in found if it.id == "bots.W101"] == ["bots.W101"] * 2
    assert "rotate_secrets" in (found[0].hint or "")
    assert caplog.text.count("Cannot be decrypted: ") == 2
    assert "tkn" not in caplog.text


def test_readable_secrets_are_not_complained_of(bot: Any, caplog: pytest.LogCaptureFixture) -> None:
    log_unreadable_secrets()

    assert not [it for it in run_checks(databases=["default"]) if it.id == "bots.W101"]
    assert caplog.messages == []


@pytest.mark.slow
def test_without_its_database_a_migration_fails_in_one_sentence() -> None:
    unused = free_port()

    ended = run(
        "manage.py", "migrate", **PRODUCTION, DATABASE_URL=f"postgres://u@127.0.0.1:{unused}/x"
    )

    assert ended.returncode != 0
    assert "(bots.E101) The database cannot be used" in ended.stderr
    assert "Traceback" not in ended.stderr
