import asyncio
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bots.jobs import LostClaim, State, kept
from bots.models import Update
from bots.tests.conftest import run


def update(bot, key: str, chat: str = "chat:1", **fields) -> Update:
    return Update.objects.create(
        bot=bot, key=key, kind="message.new", chat=chat, raw="{}", **fields
    )


def expire(row: Any) -> None:
    Update.objects.filter(pk=row.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))


def test_only_one_claim_gets_the_row(bot):
    row = update(bot, "a")

    first, second = Update.objects.claim(row.pk), Update.objects.claim(row.pk)

    assert first.state == State.WORKING
    assert second is None


def test_of_two_that_have_read_a_row_one_takes_it(bot):
    pk = update(bot, "a").pk
    one, other = Update.objects.get(pk=pk), Update.objects.get(pk=pk)

    assert one.take()
    assert not other.take()


def test_a_row_that_is_kept_after_it_was_read_cannot_be_taken(bot):
    held = Update.objects.claim(update(bot, "a").pk)
    expire(held)
    other = Update.objects.get(pk=held.pk)

    held.keep()

    assert not other.take()


def test_a_row_that_is_gone_is_not_ours(bot):
    assert Update.objects.claim(10**6) is None


def test_a_dead_workers_row_is_taken_over_and_its_ghost_can_write_nothing(bot):
    row = update(bot, "a")
    dead = Update.objects.claim(row.pk)
    expire(row)

    alive = Update.objects.claim(row.pk)

    assert alive.attempts == 2
    for write in (dead.keep, lambda: dead.finish(State.DONE), lambda: dead.put_off(timedelta(0))):
        with pytest.raises(LostClaim):
            write()
    alive.finish(State.DONE)
    assert Update.objects.get().state == State.DONE


def test_keeping_a_claim_puts_its_end_off(bot):
    row = Update.objects.claim(update(bot, "a").pk)
    expire(row)

    row.keep()

    assert Update.objects.claim(row.pk) is None


async def work_under(claim: Any) -> None:
    async with claim:
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(9, pytest.raises(LostClaim)), (29, nullcontext())]
)
def test_a_claim_counts_as_lost_a_third_of_a_lease_before_its_end(bot, settings, seconds, expected):
    settings.JOBS_LEASE = 30
    row = Update.objects.claim(update(bot, "a").pk)
    assert row is not None
    row.claimed_until = timezone.now() + timedelta(seconds=seconds)

    with expected:
        run(work_under(kept(row)))


def test_a_timeout_of_the_work_itself_is_no_lost_claim(bot):
    row = Update.objects.claim(update(bot, "a").pk)
    assert row is not None

    async def gives_up():
        async with kept(row):
            raise TimeoutError

    with pytest.raises(TimeoutError):
        run(gives_up())


def test_what_was_put_off_waits_for_its_time(bot):
    row = Update.objects.claim(update(bot, "a").pk)
    row.put_off(timedelta(seconds=60))

    assert Update.objects.claim(row.pk) is None

    Update.objects.update(due_at=timezone.now())
    assert Update.objects.claim(row.pk) is not None


def test_a_chat_is_worked_on_in_order(bot):
    first, second = update(bot, "a"), update(bot, "b")

    assert Update.objects.claim(second.pk) is None

    Update.objects.claim(first.pk).finish(State.DONE)
    assert Update.objects.claim(second.pk) is not None


@pytest.mark.parametrize("chat", ["chat:2", ""])
def test_other_chats_and_rows_without_a_chat_do_not_wait(bot, chat):
    update(bot, "a", chat="chat:1" if chat else "")
    other = update(bot, "b", chat=chat)

    assert Update.objects.claim(other.pk) is not None


def test_a_failed_row_holds_nobody_up_and_can_be_put_back(bot):
    first, second = update(bot, "a"), update(bot, "b")
    Update.objects.claim(first.pk).finish(State.FAILED, error="boom")

    assert Update.objects.claim(second.pk) is not None

    first.refresh_from_db()
    first.again()
    assert (first.state, first.attempts, first.error) == (State.WAITING, 0, "")


def test_where_the_secrets_of_the_bot_cannot_be_read_the_row_fails_and_says_why(bot, settings):
    row = update(bot, "a")
    settings.SECRET_KEY = "another one"

    assert Update.objects.claim(row.pk) is None

    failed = Update.objects.only("state", "error").get()
    assert (failed.state, "SECRET_KEY" in failed.error) == (State.FAILED, True)
