import asyncio
import json
import time
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import SynchronousOnlyOperation
from django.db import OperationalError
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from bots import tasks
from bots.framework.events.types import Message
from bots.framework.routing.router import Command as Called
from bots.models import Command, Delivery, Update
from bots.models.jobs import State
from bots.runtime import dispatch, loop
from bots.runtime.loop import Loop
from bots.tests.conftest import answers, message_event, run
from jobs.rows import MAX_CLAIMS, MAX_RETRIES


def arrived(bot: Any, text: str = "/start", **fields: Any) -> Update:
    event = message_event(text, **fields)
    chat = f"chat:{event['chat_id']}"
    count = Update.objects.count()
    return Update.objects.create(
        bot=bot, key=f"m{count}", kind="message.new", chat=chat, raw=json.dumps(event)
    )


def test_start_is_answered_privately_in_one_commit_with_its_end(bot: Any) -> None:
    update = arrived(bot, "/start")

    run(dispatch.handle(update.pk))

    update.refresh_from_db()
    delivery = Delivery.objects.get()
    assert (update.state, update.handler) == (State.DONE, "bots.handlers.basics.start")
    assert (delivery.update, delivery.chat, delivery.method) == (
        update,
        "user:12",
        "create_message",
    )
    assert delivery.payload["message"]["entity_id"] == 12
    assert "`/hello`" in delivery.payload["message"]["content"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_what_it_has_answered_without_a_bell(
    bot: Any, pachca: Any, rung: Any
) -> None:
    tasks.handle_update(arrived(bot, "/hello").pk)
    loop.current_loop().drain(10)

    assert Delivery.objects.get().state == State.DONE
    assert len(pachca.said) == 1
    assert rung == []


@pytest.mark.django_db(transaction=True)
def test_a_worker_with_its_hands_full_asks_another_one_to_send(
    bot: Any, pachca: Any, rung: Any, settings: SettingsWrapper
) -> None:
    settings.BOTS_CONCURRENCY = 1
    loop.end(0)
    tasks.handle_update(arrived(bot, "/hello").pk)
    loop.end(10)

    assert Delivery.objects.get().state == State.WAITING
    assert rung == [("bots.deliver", (bot.pk, "user:12"))]


def test_handling_twice_answers_once(bot: Any) -> None:
    update = arrived(bot)

    run(dispatch.handle(update.pk))
    run(dispatch.handle(update.pk))

    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "entity_type", "expected"),
    [
        ("/nosuch thing", "discussion", "/nosuch"),
        ("hello there", "user", "/help"),
        ("hello there", "discussion", None),
    ],
)
def test_what_nobody_takes_goes_to_the_fallback(
    bot: Any, text: str, entity_type: str, expected: Any
) -> None:
    run(dispatch.handle(arrived(bot, text, entity_type=entity_type).pk))

    assert [expected in answer for answer in answers()] == ([True] if expected else [])


def test_a_command_that_is_off_is_as_good_as_none(bot: Any) -> None:
    Command.objects.create(bot=bot, name="hello", is_on=False)

    run(dispatch.handle(arrived(bot, "/hello").pk))
    run(dispatch.handle(arrived(bot, "/start").pk))

    unknown, start = answers()
    assert "/hello" in unknown
    assert "`/hello`" not in start


def test_an_edit_never_runs_a_command(bot: Any) -> None:
    update = arrived(bot)
    Update.objects.update(kind="message.update")

    run(dispatch.handle(update.pk))

    update.refresh_from_db()
    assert (update.state, answers()) == (State.DONE, [])


def test_what_waits_behind_in_the_chat_is_handled_too_and_in_order(bot: Any, router: Any) -> None:
    @router.message()
    async def echo(message: Message) -> str:
        return message.text

    first = arrived(bot, "one")
    arrived(bot, "two")
    arrived(bot, "three")

    run(dispatch.handle(first.pk))

    assert answers() == ["one", "two", "three"]


def test_a_handler_may_answer_often_be_sync_and_take_what_it_names(bot: Any, router: Any) -> None:
    @router.message(Called("say"))
    def say(message: Message, command: Any, bot: Any, update: Any) -> list[str]:
        message.answer(f"{bot.name} {update.kind}")
        return [command.name, command.args]

    run(dispatch.handle(arrived(bot, "/SAY@demo  hello\nall").pk))

    assert answers() == ["Demo message.new", "say", "hello\nall"]
    assert [row.order for row in Delivery.objects.order_by("pk")] == [0, 1, 2]


def test_a_failing_handler_is_tried_again_then_fails_with_a_polite_word(
    bot: Any, router: Any
) -> None:
    @router.message()
    async def fails() -> None:
        raise RuntimeError("the secret of the instance")

    update = arrived(bot)
    for attempt in range(1, MAX_RETRIES + 1):
        run(dispatch.handle(update.pk))
        update.refresh_from_db()
        assert (update.state, update.attempts) == (State.WAITING, attempt)
        assert update.due_at > timezone.now()
        Update.objects.update(due_at=timezone.now())

    run(dispatch.handle(update.pk))

    update.refresh_from_db()
    assert update.state == State.FAILED
    assert "the secret of the instance" in update.error
    (message,) = answers()
    assert "secret" not in message


@pytest.mark.parametrize(
    ("error", "is_retried"),
    [
        (TypeError("mine"), False),
        (KeyError("mine"), False),
        (SynchronousOnlyOperation("mine"), False),
        (OperationalError("locked"), True),
        (ConnectionError("away"), True),
        (RuntimeError("theirs"), True),
    ],
)
def test_a_programming_error_is_not_tried_again_while_debug_is_on(
    bot: Any, router: Any, settings: SettingsWrapper, error: Any, is_retried: bool
) -> None:
    @router.message()
    async def fails() -> None:
        raise error

    settings.DEBUG = True
    update = arrived(bot)
    run(dispatch.handle(update.pk))
    update.refresh_from_db()
    assert update.state == (State.WAITING if is_retried else State.FAILED)
    assert type(error).__name__ in update.error

    settings.DEBUG = False
    later = arrived(bot, chat_id=78)
    run(dispatch.handle(later.pk))
    later.refresh_from_db()
    assert later.state == State.WAITING


def test_a_wrong_return_type_is_not_tried_again_while_debug_is_on(
    bot: Any, router: Any, settings: SettingsWrapper
) -> None:
    settings.DEBUG = True
    router.message()(lambda: 42)
    update = arrived(bot)

    run(dispatch.handle(update.pk))

    update.refresh_from_db()
    assert (update.state, update.attempts) == (State.FAILED, 1)
    assert "returned int" in update.error


def test_a_handler_that_does_not_end_is_cut_off(
    bot: Any, router: Any, settings: SettingsWrapper
) -> None:
    settings.BOTS_HANDLER_LIMIT = 0.01

    @router.message()
    async def sleeps() -> None:
        await asyncio.sleep(60)

    update = arrived(bot)
    run(dispatch.handle(update.pk))

    update.refresh_from_db()
    assert (update.state, "TimeoutError" in update.error) == (State.WAITING, True)


def test_an_update_that_kills_its_workers_is_given_up(bot: Any) -> None:
    update = arrived(bot)
    Update.objects.update(attempts=MAX_CLAIMS)

    run(dispatch.handle(update.pk))

    update.refresh_from_db()
    assert (update.state, update.handler) == (State.FAILED, "")


def test_a_worker_that_lost_its_claim_writes_no_answers(bot: Any, router: Any) -> None:
    @router.message()
    def slow(update: Update) -> str:
        Update.objects.filter(pk=update.pk).update(attempts=7)  # as another worker's claim would
        return "too late"

    run(dispatch.handle(arrived(bot).pk))

    assert answers() == []


@pytest.mark.django_db(transaction=True)
def test_a_handler_whose_claim_is_lost_goes_no_further(
    bot: Any, router: Any, settings: SettingsWrapper
) -> None:
    settings.JOBS_LEASE = 2
    reached = []

    @router.message()
    async def slow(update: Update) -> str:
        await Update.objects.filter(pk=update.pk).aupdate(attempts=7)
        reached.append("the claim of another worker")
        await asyncio.sleep(30)
        reached.append("the end")
        return "too late"

    run(dispatch.handle(arrived(bot).pk))

    assert (reached, answers()) == (["the claim of another worker"], [])
    update = Update.objects.get()
    assert (update.state, update.attempts) == (State.WORKING, 7)


@pytest.mark.django_db(transaction=True)
def test_a_handler_that_blocks_the_event_loop_keeps_its_lease(
    bot: Any, router: Any, settings: SettingsWrapper
) -> None:
    settings.JOBS_LEASE = 1.5

    @router.message()
    async def blocks_the_loop() -> str:
        time.sleep(2)
        await asyncio.sleep(0)
        return "done"

    run(dispatch.handle(arrived(bot).pk))

    assert (answers(), Update.objects.get().attempts) == (["done"], 1)


@pytest.mark.django_db(transaction=True)
def test_a_lease_is_renewed_while_the_handler_runs(
    bot: Any, router: Any, settings: SettingsWrapper
) -> None:
    settings.JOBS_LEASE = 1.5

    @router.message()
    async def takes_long(update: Update) -> str:
        await asyncio.sleep(2)
        return "done"

    run(dispatch.handle(arrived(bot).pk))

    assert answers() == ["done"]
    assert Update.objects.get().attempts == 1


def test_a_worker_that_is_told_to_end_gives_its_update_to_others_at_once(
    bot: Any, router: Any
) -> None:
    update = arrived(bot)

    async def ended_early() -> None:
        job = asyncio.create_task(dispatch.handle(update.pk))
        await started.wait()
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job

    started = asyncio.Event()

    @router.message()
    async def takes_long() -> None:
        started.set()
        await asyncio.sleep(60)

    run(ended_early())

    assert Update.objects.claim(update.pk) is not None


@pytest.mark.django_db(transaction=True)
def test_handling_an_update_costs_a_fixed_number_of_queries(
    bot: Any, router: Any, django_assert_max_num_queries: Any
) -> None:
    router.message()(lambda: "done")
    update = arrived(bot)

    with django_assert_max_num_queries(8):  # from the claim to that of the next in the chat
        run(dispatch.handle(update.pk))

    assert answers() == ["done"]


@pytest.mark.django_db(transaction=True)
def test_any_number_of_chats_wait_side_by_side_in_one_worker(bot: Any, router: Any) -> None:
    everybody = asyncio.Barrier(100)

    @router.message()
    async def waits_for_all_others() -> str:
        async with asyncio.timeout(30):
            await everybody.wait()
        return "together"

    updates = [arrived(bot, chat_id=number, user_id=number) for number in range(1, 101)]
    worker = Loop(most=100, threads=4)

    for update in updates:
        worker.spawn(dispatch.handle(update.pk))
    worker.drain(60)
    worker.threads.close()

    assert answers() == ["together"] * 100
