import asyncio
import json
import time
from contextlib import suppress

import pytest
from django.utils import timezone

from bots import dispatch, loop, tasks
from bots.ending import PAUSES
from bots.jobs import State
from bots.loop import Loop
from bots.models import Command, Delivery, Update
from bots.router import Command as Called
from bots.tests.conftest import answers, message_event, run
from bots.types import Message


def arrived(bot, text: str = "/start", **fields) -> Update:
    event = message_event(text, **fields)
    chat = f"chat:{event['chat_id']}"
    count = Update.objects.count()
    return Update.objects.create(
        bot=bot, key=f"m{count}", kind="message.new", chat=chat, raw=json.dumps(event)
    )


def test_start_is_answered_privately_in_one_commit_with_its_end(bot):
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
def test_a_worker_sends_what_it_has_answered_without_a_bell(bot, pachca, rung):
    tasks.handle_update(arrived(bot, "/hello").pk)
    loop.here().drain(10)

    assert Delivery.objects.get().state == State.DONE
    assert len(pachca.said) == 1
    assert rung == []


@pytest.mark.django_db(transaction=True)
def test_a_worker_with_its_hands_full_asks_another_one_to_send(bot, pachca, rung, settings):
    settings.BOTS_CONCURRENCY = 1
    loop.end(0)
    tasks.handle_update(arrived(bot, "/hello").pk)
    loop.end(10)

    assert Delivery.objects.get().state == State.WAITING
    assert rung == [("bots.deliver", (bot.pk, "user:12"))]


def test_handling_twice_answers_once(bot):
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
def test_what_nobody_takes_goes_to_the_fallback(bot, text, entity_type, expected):
    run(dispatch.handle(arrived(bot, text, entity_type=entity_type).pk))

    assert [expected in answer for answer in answers()] == ([True] if expected else [])


def test_a_command_that_is_off_is_as_good_as_none(bot):
    Command.objects.create(bot=bot, name="hello", is_on=False)

    run(dispatch.handle(arrived(bot, "/hello").pk))
    run(dispatch.handle(arrived(bot, "/start").pk))

    unknown, start = answers()
    assert "/hello" in unknown
    assert "`/hello`" not in start


def test_an_edit_never_runs_a_command(bot):
    update = arrived(bot)
    Update.objects.update(kind="message.update")

    run(dispatch.handle(update.pk))

    update.refresh_from_db()
    assert (update.state, answers()) == (State.DONE, [])


def test_what_waits_behind_in_the_chat_is_handled_too_and_in_order(bot, router):
    @router.message()
    async def echo(message: Message) -> str:
        return message.text

    first = arrived(bot, "one")
    arrived(bot, "two")
    arrived(bot, "three")

    run(dispatch.handle(first.pk))

    assert answers() == ["one", "two", "three"]


def test_a_handler_may_answer_often_be_sync_and_take_what_it_names(bot, router):
    @router.message(Called("say"))
    def say(message: Message, command, bot, update) -> list[str]:
        message.answer(f"{bot.name} {update.kind}")
        return [command.name, command.args]

    run(dispatch.handle(arrived(bot, "/SAY@demo  hello\nall").pk))

    assert answers() == ["Demo message.new", "say", "hello\nall"]
    assert [row.order for row in Delivery.objects.order_by("pk")] == [0, 1, 2]


def test_a_failing_handler_is_tried_again_then_fails_with_a_polite_word(bot, router):
    @router.message()
    async def fails() -> None:
        raise RuntimeError("the secret of the house")

    update = arrived(bot)
    for attempt in range(1, len(PAUSES) + 1):
        run(dispatch.handle(update.pk))
        update.refresh_from_db()
        assert (update.state, update.attempts) == (State.WAITING, attempt)
        assert update.due_at > timezone.now()
        Update.objects.update(due_at=timezone.now())

    run(dispatch.handle(update.pk))

    update.refresh_from_db()
    assert update.state == State.FAILED
    assert "the secret of the house" in update.error
    (told,) = answers()
    assert "secret" not in told


def test_a_handler_that_does_not_end_is_cut_off(bot, router, settings):
    settings.BOTS_HANDLER_LIMIT = 0.01

    @router.message()
    async def sleeps() -> None:
        await asyncio.sleep(60)

    update = arrived(bot)
    run(dispatch.handle(update.pk))

    update.refresh_from_db()
    assert (update.state, "TimeoutError" in update.error) == (State.WAITING, True)


def test_an_update_that_kills_its_workers_is_given_up(bot):
    update = arrived(bot)
    Update.objects.update(attempts=dispatch.MOST_CLAIMS)

    run(dispatch.handle(update.pk))

    update.refresh_from_db()
    assert (update.state, update.handler) == (State.FAILED, "")


def test_a_worker_that_lost_its_claim_writes_no_answers(bot, router):
    @router.message()
    def slow(update: Update) -> str:
        Update.objects.filter(pk=update.pk).update(attempts=7)  # as another worker's claim would
        return "too late"

    run(dispatch.handle(arrived(bot).pk))

    assert answers() == []


def test_a_handler_whose_claim_is_lost_goes_no_further(bot, router, settings):
    settings.JOBS_LEASE = 0.1
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


def test_a_process_that_stood_still_for_a_lease_does_not_go_on(bot, router, settings):
    settings.JOBS_LEASE = 0.1
    went_on = []

    @router.message()
    async def stands_still() -> None:
        time.sleep(0.2)
        await asyncio.sleep(0.01)
        went_on.append(True)

    update = arrived(bot)
    run(dispatch.handle(update.pk))

    assert went_on == []
    assert Update.objects.claim(update.pk).attempts == 2


def test_a_claim_is_kept_while_the_handler_runs(bot, router, settings):
    settings.JOBS_LEASE = 0.6

    @router.message()
    async def takes_long(update: Update) -> str:
        await asyncio.sleep(0.8)
        return "done"

    run(dispatch.handle(arrived(bot).pk))

    assert answers() == ["done"]
    assert Update.objects.get().attempts == 1


def test_a_worker_that_is_told_to_end_gives_its_update_to_others_at_once(bot, router):
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
def test_any_number_of_chats_wait_side_by_side_in_one_worker(bot, router):
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
