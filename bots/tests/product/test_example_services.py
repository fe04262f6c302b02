import logging
from typing import Any

import pytest
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from bots.actions import say
from bots.handlers.examples.services import good_morning, heartbeat
from bots.models import Bot, Delivery
from bots.tests.conftest import answers

pytestmark = pytest.mark.django_db


def test_what_a_bot_says_of_its_own_accord_is_a_delivery_like_any_other(
    bot: Any, rung: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        delivery = say(bot, 12, "Hello")

    assert (delivery.chat, delivery.method, answers()) == ("user:12", "create_message", ["Hello"])
    assert rung == [("bots.deliver", (bot.pk, "user:12"))]


def test_good_morning_is_for_those_whom_a_bot_of_the_sandbox_knows(bot: Any) -> None:
    other = Bot.objects.create(name="Real", slug="real")
    Bot.objects.filter(pk=bot.pk).update(in_sandbox=True)
    for of, person in ((bot, 12), (bot, 12), (bot, 13), (other, 14)):
        say(of, person, "before")
    Delivery.objects.create(bot=bot, chat="chat:77", method="create_message", payload={})
    before = Delivery.objects.count()

    good_morning()

    greeted = Delivery.objects.order_by("pk")[before:]
    assert [it.payload["message"]["entity_id"] for it in greeted] == [12, 13]


def test_the_heartbeat_tells_how_many_bots_are_on(
    bot: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    heartbeat()

    assert "1 bots are on" in caplog.text
