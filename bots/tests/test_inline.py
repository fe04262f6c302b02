import asyncio
import json
import time

import pytest

from bots import inline
from bots.jobs import State
from bots.models import Update
from bots.tests.conftest import answers, message_event, run


def taken(bot, kind: str = "message.new", **fields) -> Update:
    """Return an update as the webhook stores it that is going to handle it itself."""
    raw = json.dumps(message_event("press", **fields))
    return Update.objects.create(
        bot=bot, key="k", kind=kind, chat="chat:77", raw=raw, state=State.WORKING, attempts=1
    )


def click(**fields) -> dict[str, object]:
    now = int(time.time())
    event = {"type": "button", "event": "click", "trigger_id": "t1", "webhook_timestamp": now}
    return event | {"message_id": 1, "data": "yes", "user_id": 12, "chat_id": 77} | fields


def test_it_ends_with_its_answers_as_in_a_worker(bot, router):
    @router.message()
    async def pressed() -> str:
        return "pressed"

    assert run(inline.handle(taken(bot).pk)) == {}

    assert (Update.objects.get().state, answers()) == (State.DONE, ["pressed"])


def test_a_handler_that_would_be_late_is_cut_off_and_the_person_is_told(bot, router, settings):
    settings.BOTS_INLINE_LIMIT = 0.01

    @router.message()
    async def sleeps() -> None:
        await asyncio.sleep(60)

    assert run(inline.handle(taken(bot).pk)) == {}

    (told,) = answers()
    assert "too long" in told
    assert Update.objects.get().state == State.FAILED


def test_a_handler_that_fails_is_tried_again_in_a_worker(bot, router):
    @router.message()
    async def fails() -> None:
        raise RuntimeError("boom")

    run(inline.handle(taken(bot).pk))

    update = Update.objects.get()
    assert (update.state, "boom" in update.error, answers()) == (State.WAITING, True, [])


def test_what_is_said_in_a_form_is_said_at_one_of_its_fields(bot):
    form = taken(bot, "view.submit", data={"reason": "", "days": "2"})

    assert inline.in_form(form, "Sorry") == {"reason": "Sorry"}


def test_a_form_without_fields_is_told_so_too(bot):
    assert inline.in_form(taken(bot, "view.submit", data=None), "Sorry") == {"base": "Sorry"}


@pytest.mark.django_db(transaction=True)
def test_a_click_is_handled_before_pachca_is_answered(bot, webhook, rung):
    answer = webhook.post(click())

    update = Update.objects.get()
    assert (answer.status_code, update.kind, update.state) == (200, "button.click", State.DONE)
    assert rung == []


@pytest.mark.django_db(transaction=True)
def test_a_click_that_comes_twice_is_handled_once(bot, webhook):
    webhook.post(click())

    assert webhook.post(click()).json() == {"result": "duplicate"}
    assert Update.objects.count() == 1
