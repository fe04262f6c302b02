from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bots.models import Delivery, Update
from bots.models.jobs import State
from bots.runtime.sweep import sweep

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(hours=1)


def update(bot: Any, key: Any, **fields: Any) -> Update:
    return Update.objects.create(
        bot=bot, key=key, kind="message.new", chat="chat:1", raw="{}", due_at=LONG_AGO, **fields
    )


def test_it_rings_for_what_is_due_and_first_in_its_chat(bot: Any, rung: Any) -> None:
    first = update(bot, "a")
    update(bot, "b")
    update(bot, "done", state=State.DONE)
    Delivery.objects.create(bot=bot, chat="user:1", method="m", payload={}, due_at=LONG_AGO)

    sweep()

    assert rung == [("bots.handle_update", (first.pk,)), ("bots.deliver", (bot.pk, "user:1"))]


def test_it_rings_for_what_a_dead_worker_left_but_not_for_what_is_in_work(
    bot: Any, rung: Any
) -> None:
    dead = update(bot, "a", state=State.WORKING, claimed_until=LONG_AGO)
    alive = timezone.now() + timedelta(seconds=30)
    Update.objects.create(
        bot=bot, key="b", kind="", chat="chat:2", raw="{}", state=State.WORKING, claimed_until=alive
    )

    sweep()

    assert rung == [("bots.handle_update", (dead.pk,))]


def test_it_leaves_what_has_just_come_to_its_own_bell(bot: Any, rung: Any) -> None:
    Update.objects.create(bot=bot, key="a", kind="", chat="", raw="{}")

    sweep()

    assert rung == []
