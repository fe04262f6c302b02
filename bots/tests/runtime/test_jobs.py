import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import SettingsWrapper

from bots.models import Update
from bots.models.jobs import LostClaim, State
from jobs.leases import extend_claims


def _ago(seconds: float) -> Any:
    return timezone.now() - timedelta(seconds=seconds)


# A chat has one of them or several, in any order.
KINDS_OF_ROWS: list[Callable[[], dict[str, Any]]] = [
    dict,
    lambda: {"chat": ""},
    lambda: {"chat": "chat:2"},
    lambda: {"due_at": _ago(-60)},
    lambda: {"state": State.DONE},
    lambda: {"state": State.WORKING, "claimed_until": _ago(1)},
    lambda: {"state": State.WORKING, "claimed_until": _ago(-60)},
    lambda: {"state": State.WORKING, "claimed_until": _ago(1), "due_at": _ago(-60)},
]


def update(bot: Any, key: str, chat: str = "chat:1", **fields: Any) -> Update:
    return Update.objects.create(
        bot=bot, key=key, kind="message.new", chat=chat, raw="{}", **fields
    )


def expire(row: Any) -> None:
    Update.objects.filter(pk=row.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))


def test_only_one_claim_gets_the_row(bot: Any) -> None:
    row = update(bot, "a")

    first, second = Update.objects.claim(row.pk), Update.objects.claim(row.pk)

    assert first.state == State.WORKING
    assert second is None


@pytest.mark.django_db(transaction=True)
def test_of_many_that_try_at_one_moment_one_takes_the_row(bot: Any) -> None:
    pk, everybody = update(bot, "a").pk, threading.Barrier(4)

    def claim(_: int) -> Update | None:
        everybody.wait()
        try:
            return Update.objects.claim(pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(claim, range(4)))

    assert sum(row is not None for row in taken) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(states=st.lists(st.sampled_from(KINDS_OF_ROWS), max_size=5), turn=st.integers(0, 4))
def test_what_is_claimable_is_what_a_claim_gets(bot: Any, states: Any, turn: Any) -> None:
    Update.objects.all().delete()
    rows = [update(bot, str(number), **fields()) for number, fields in enumerate(states)]
    claimable = set(Update.objects.claimable().values_list("pk", flat=True))

    for row in rows[turn:] + rows[:turn]:
        with transaction.atomic():
            assert (Update.objects.claim(row.pk) is not None) == (row.pk in claimable)
            transaction.set_rollback(True)


def test_a_row_that_is_gone_is_not_ours(bot: Any) -> None:
    assert Update.objects.claim(10**6) is None


def test_a_dead_workers_row_is_taken_over_and_its_ghost_can_write_nothing(bot: Any) -> None:
    row = update(bot, "a")
    dead = Update.objects.claim(row.pk)
    expire(row)

    alive = Update.objects.claim(row.pk)

    assert alive.attempts == 2
    assert extend_claims(Update, [(dead.pk, dead.attempts)]) == ([], [])
    for write in (lambda: dead.finish(State.DONE), lambda: dead.postpone(timedelta(0))):
        with pytest.raises(LostClaim):
            write()
    alive.finish(State.DONE)
    assert Update.objects.get().state == State.DONE


def test_a_claim_that_is_extended_can_be_claimed_by_no_other(bot: Any) -> None:
    row = Update.objects.claim(update(bot, "a").pk)
    expire(row)

    extended = extend_claims(Update, [(row.pk, row.attempts)])

    assert extended == ([(row.pk, 1)], [])
    assert Update.objects.claim(row.pk) is None


@pytest.mark.parametrize(
    "end", [lambda row: row.postpone(timedelta(0)), lambda row: row.finish(State.DONE)]
)
def test_whoever_has_let_a_row_go_can_write_nothing_more(bot: Any, end: Any) -> None:
    row = Update.objects.claim(update(bot, "a").pk)
    assert row is not None
    end(row)

    assert extend_claims(Update, [(row.pk, row.attempts)]) == ([], [])
    for write in (lambda: row.finish(State.FAILED), lambda: row.postpone(timedelta(9))):
        with pytest.raises(LostClaim):
            write()


def test_what_was_put_off_waits_for_its_time(bot: Any) -> None:
    row = Update.objects.claim(update(bot, "a").pk)
    row.postpone(timedelta(seconds=60))

    assert Update.objects.claim(row.pk) is None

    Update.objects.update(due_at=timezone.now())
    assert Update.objects.claim(row.pk) is not None


def test_a_chat_is_worked_on_in_order(bot: Any) -> None:
    first, second = update(bot, "a"), update(bot, "b")

    assert Update.objects.claim(second.pk) is None

    Update.objects.claim(first.pk).finish(State.DONE)
    assert Update.objects.claim(second.pk) is not None


@pytest.mark.parametrize("chat", ["chat:2", ""])
def test_other_chats_and_rows_without_a_chat_do_not_wait(bot: Any, chat: str) -> None:
    update(bot, "a", chat="chat:1" if chat else "")
    other = update(bot, "b", chat=chat)

    assert Update.objects.claim(other.pk) is not None


def test_a_failed_row_holds_nobody_up_and_can_be_put_back(bot: Any) -> None:
    first, second = update(bot, "a"), update(bot, "b")
    Update.objects.claim(first.pk).finish(State.FAILED, error="boom")

    assert Update.objects.claim(second.pk) is not None

    first.refresh_from_db()
    first.again()
    assert (first.state, first.attempts, first.error) == (State.WAITING, 0, "")


def test_where_the_secrets_of_the_bot_cannot_be_read_the_row_fails_and_says_why(
    bot: Any, settings: SettingsWrapper
) -> None:
    row = update(bot, "a")
    settings.SECRET_KEY = "another one"

    assert Update.objects.claim(row.pk) is None

    failed = Update.objects.only("state", "error").get()
    assert (failed.state, "SECRET_KEY" in failed.error) == (State.FAILED, True)
