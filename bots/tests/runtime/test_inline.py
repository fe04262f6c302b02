import asyncio
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from bots.framework.events.types import Button, Message, View
from bots.models import Update
from bots.models.jobs import State
from bots.runtime import dispatch, inline
from bots.tests.conftest import answers, message_event, run


def taken(bot: Any, kind: str = "message.new", **fields: Any) -> Update:
    """Return an update as the webhook stores it that is going to handle it itself."""
    raw = json.dumps(message_event("press", **fields))
    return Update.objects.create(
        bot=bot,
        key="k",
        kind=kind,
        chat="chat:77",
        raw=raw,
        state=State.WORKING,
        attempts=1,
        claimed_until=timezone.now() + timedelta(seconds=30),
    )


def click(**fields: Any) -> dict[str, object]:
    now = int(time.time())
    event = {"type": "button", "event": "click", "trigger_id": "t1", "webhook_timestamp": now}
    return event | {"message_id": 1, "data": "yes", "user_id": 12, "chat_id": 77} | fields


def test_it_ends_with_its_answers_as_in_a_worker(bot: Any, router: Any) -> None:
    @router.message()
    async def pressed() -> str:
        return "pressed"

    assert run(inline.handle(taken(bot).pk)) == {}

    assert (Update.objects.get().state, answers()) == (State.DONE, ["pressed"])


def test_a_handler_that_would_be_late_is_cut_off_and_the_person_is_told(
    bot: Any, router: Any, settings: SettingsWrapper
) -> None:
    settings.BOTS_INLINE_LIMIT = 0.01

    @router.message()
    async def sleeps() -> None:
        await asyncio.sleep(60)

    assert run(inline.handle(taken(bot).pk)) == {}

    (message,) = answers()
    assert "too long" in message
    assert Update.objects.get().state == State.FAILED


def test_a_handler_that_fails_is_tried_again_in_a_worker(bot: Any, router: Any) -> None:
    @router.message()
    async def fails() -> None:
        raise RuntimeError("boom")

    run(inline.handle(taken(bot).pk))

    update = Update.objects.get()
    assert (update.state, "boom" in update.error, answers()) == (State.WAITING, True, [])


def before_it(bot: Any, **fields: Any) -> Update:
    """Store an update of the same chat that has not ended."""
    raw = json.dumps(message_event("before"))
    return Update.objects.create(
        bot=bot, key="before", kind="message.new", chat="chat:77", raw=raw, **fields
    )


def test_a_press_waits_for_what_came_before_in_its_chat(bot: Any, router: Any) -> None:
    @router.message()
    async def echo(message: Message) -> str:
        await asyncio.sleep(0.2)
        return message.text

    earlier, press = before_it(bot), taken(bot)

    async def both() -> None:
        await asyncio.gather(inline.handle(press.pk), dispatch.handle(earlier.pk))

    run(both())

    assert answers() == ["before", "press"]


def test_a_press_in_a_chat_that_stays_busy_is_left_to_the_workers(
    bot: Any, settings: SettingsWrapper, rung: Any
) -> None:
    settings.BOTS_INLINE_LIMIT = 0.2
    earlier, press = before_it(bot), taken(bot)

    assert run(inline.handle(press.pk)) == {}

    press.refresh_from_db()
    assert (press.state, press.attempts, answers()) == (State.WAITING, 0, [])
    assert Update.objects.claim(press.pk) is None
    assert Update.objects.claim(earlier.pk) is not None


def test_a_form_in_a_chat_that_stays_busy_is_to_be_sent_again(
    bot: Any, settings: SettingsWrapper
) -> None:
    settings.BOTS_INLINE_LIMIT = 0.2
    before_it(bot)
    form = taken(bot, "view.submit", data={"days": "2"})

    errors = run(inline.handle(form.pk))

    assert "Try again" in errors["days"]
    form.refresh_from_db()
    assert (form.state, answers()) == (State.FAILED, [])


def test_a_busy_form_is_no_error_in_the_log(
    bot: Any, settings: SettingsWrapper, caplog: pytest.LogCaptureFixture
) -> None:
    settings.BOTS_INLINE_LIMIT = 0.2
    before_it(bot)
    form = taken(bot, "view.submit", data={"days": "2"})

    run(inline.handle(form.pk))

    form.refresh_from_db()
    assert form.error == inline.ChatBusy.__doc__
    assert [it for it in caplog.records if it.exc_info or it.levelname == "ERROR"] == []


@pytest.mark.django_db(transaction=True)
def test_what_came_during_a_press_is_handled_right_after_it(
    bot: Any, router: Any, rung: Any
) -> None:
    press = taken(bot)

    @router.message()
    async def pressed() -> str:
        await Update.objects.acreate(bot=bot, key="l", kind="message.new", chat="chat:77", raw="{}")
        return "pressed"

    run(inline.handle(press.pk))

    later = Update.objects.get(key="l")
    assert ("bots.handle_update", (later.pk,)) in rung


def test_what_is_said_in_a_form_is_said_at_one_of_its_fields(bot: Any) -> None:
    form = taken(bot, "view.submit", data={"reason": "", "days": "2"})

    assert inline.in_form(form, "Sorry") == {"reason": "Sorry"}


def test_a_form_without_fields_is_told_so_too(bot: Any) -> None:
    assert inline.in_form(taken(bot, "view.submit", data=None), "Sorry") == {"base": "Sorry"}


@pytest.mark.django_db(transaction=True)
def test_a_click_is_handled_before_pachca_is_answered(bot: Any, webhook: Any, rung: Any) -> None:
    answer = webhook.post(click())

    update = Update.objects.get()
    assert (answer.status_code, update.kind, update.state) == (200, "button.click", State.DONE)
    assert rung == []


@pytest.mark.django_db(transaction=True)
def test_a_click_that_comes_twice_is_handled_once(bot: Any, webhook: Any) -> None:
    webhook.post(click())

    assert webhook.post(click()).json() == {"result": "duplicate"}
    assert Update.objects.count() == 1


def submission(**fields: Any) -> dict[str, object]:
    now = int(time.time())
    event = {"type": "view", "event": "submit", "submit_id": "s1", "webhook_timestamp": now}
    return event | {"user_id": 12, "chat_id": 77, "data": {"days": "0"}} | fields


@pytest.mark.django_db(transaction=True)
def test_a_form_is_closed_or_told_what_is_wrong_with_it(
    bot: Any, router: Any, webhook: Any
) -> None:
    @router.view()
    async def check(view: View) -> None:
        view.ack(errors={"days": "Too few."} if view.data["days"] == "0" else None)

    refused = webhook.post(submission())
    closed = webhook.post(submission(submit_id="s2", data={"days": "2"}))

    assert (refused.status_code, refused.json()) == (400, {"errors": {"days": "Too few."}})
    assert closed.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_form_whose_handler_fails_says_so_and_is_not_tried_again(
    bot: Any, router: Any, webhook: Any
) -> None:
    @router.view()
    async def fails() -> None:
        raise RuntimeError("the secret of the instance")

    answer = webhook.post(submission())

    assert answer.status_code == 400
    assert "went wrong" in answer.json()["errors"]["days"]
    update = Update.objects.get()
    assert (update.state, answers()) == (State.FAILED, [])
    assert "the secret of the instance" in update.error


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_sync", [True, False], ids=["in a thread", "on the loop"])
def test_pachca_is_answered_in_time_even_by_a_handler_that_blocks(
    bot: Any, router: Any, webhook: Any, settings: SettingsWrapper, is_sync: bool
) -> None:
    settings.BOTS_INLINE_LIMIT = 0.05

    def blocks() -> None:
        assert webhook.answered.wait(10)

    async def blocks_the_loop() -> None:
        blocks()

    router.view()(blocks if is_sync else blocks_the_loop)
    answer = webhook.post(submission())

    assert (answer.status_code, "too long" in answer.json()["errors"]["days"]) == (400, True)


@pytest.mark.django_db(transaction=True)
def test_what_is_lazy_goes_on_in_a_worker(bot: Any, router: Any, webhook: Any, rung: Any) -> None:
    async def later(button: Button) -> str:
        return "and later"

    @router.button(lazy=[later])
    async def pressed() -> str:
        return "at once"

    webhook.post(click())

    rest = Update.objects.get(continues__isnull=False)
    assert (rest.state, rest.chat, answers()) == (State.WAITING, "", ["at once"])
    assert ("bots.handle_update", (rest.pk,)) in rung
    run(dispatch.handle(rest.pk))
    rest.refresh_from_db()
    assert (rest.state, answers()) == (State.DONE, ["at once", "and later"])


@pytest.mark.parametrize("missing", [[], ["another"]], ids=["removed", "ambiguous"])
def test_lazy_parts_that_the_code_no_longer_has_are_reported(
    bot: Any, router: Any, missing: Any
) -> None:
    async def later(button: Button) -> str:
        return "and later"

    @router.button(lazy=[later])
    async def pressed() -> str:
        return "at once"

    if missing:
        router.button(lazy=[lambda: "another"])(pressed)
    else:
        router.button.handlers.clear()
    rest = Update.objects.create(
        bot=bot,
        key="lazy:1",
        kind="button.click",
        raw=json.dumps(click()),
        handler=f"{pressed.__module__}.{pressed.__qualname__}",
        continues=taken(bot),
    )

    run(dispatch.handle(rest.pk))

    rest.refresh_from_db()
    assert (rest.state, "NoLazyParts" in rest.error) == (State.WAITING, True)  # to be retried
    assert answers() == []
