from typing import Any

import pytest
from django.utils.translation import override
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, SettingsWrapper

from bots import actions
from bots.framework.routing.router import root
from bots.models import Command, Delivery, Update
from bots.models.jobs import State

pytestmark = pytest.mark.django_db


def test_every_command_of_the_code_gets_a_row_and_what_is_there_stays(bot: Any) -> None:
    Command.objects.create(bot=bot, name="hello", description="Ours", is_on=False)

    actions.list_commands([bot])
    actions.list_commands([bot])

    known = {command.name for command in root.commands(bot)}
    assert set(bot.commands.values_list("name", flat=True)) == known
    hello = bot.commands.get(name="hello")
    assert (hello.description, hello.is_on) == ("Ours", False)


def test_commands_are_described_in_the_language_of_the_installation(
    bot: Any, settings: SettingsWrapper
) -> None:
    settings.LANGUAGE_CODE = "ru"

    with override("en"):
        actions.list_commands([bot])

    assert bot.commands.get(name="help").description == "Показать, что я умею"


def test_handling_again_puts_the_update_back_and_rings(
    bot: Any, rung: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    update = Update.objects.create(bot=bot, key="a", kind="", raw="{}", state=State.FAILED)

    with django_capture_on_commit_callbacks(execute=True):
        assert actions.handle_again(update)
        assert not actions.handle_again(update)

    assert Update.objects.get().state == State.WAITING
    assert rung == [("bots.handle_update", (update.pk,))]


def test_sending_again_forgets_what_was_sent_and_rings(
    bot: Any, rung: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    delivery = Delivery.objects.create(
        bot=bot, chat="user:1", method="m", payload={}, state=State.DONE, message_id=5
    )

    with django_capture_on_commit_callbacks(execute=True):
        assert actions.send_again(delivery)
        assert not actions.send_again(delivery)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.message_id) == (State.WAITING, None)
    assert rung == [("bots.deliver", (bot.pk, "user:1"))]
