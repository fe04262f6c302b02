import asyncio
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db.models import F
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from bots.framework.api import ApiResponse, connection
from bots.models import Bot, Delivery, Update
from bots.models.jobs import State
from bots.runtime import delivery
from bots.runtime.outgoing import use_temporarily
from bots.tests.conftest import message_event, run
from jobs import leases


def outgoing(bot: Bot, text: str, chat: str = "user:12", **fields: Any) -> Delivery:
    kind, _, number = chat.partition(":")
    address = {"entity_type": kind, "entity_id": int(number)}
    return Delivery.objects.create(
        bot=bot,
        chat=chat,
        method="create_message",
        payload={"message": {**address, "content": text}},
        **fields,
    )


def make_due() -> None:
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def send(bot: Bot, chat: str = "user:12") -> None:
    run(delivery.deliver(bot.pk, chat))


def test_a_chat_is_sent_in_order_and_the_answers_are_kept(bot: Any, pachca: Any) -> None:
    for text in ("one", "two", "three"):
        outgoing(bot, text)
    outgoing(bot, "elsewhere", chat="user:13")

    send(bot)

    assert pachca.said == ["one", "two", "three"]
    assert pachca.calls[0].token == "Bearer tkn"
    first = Delivery.objects.order_by("pk")[0]
    assert (first.state, first.status, first.message_id) == (State.DONE, 201, 5000)
    assert not first.may_have_arrived
    assert first.response == {"data": {**pachca.messages[-1]}}


def test_429_waits_as_long_as_asked_and_holds_the_chat(bot: Any, pachca: Any) -> None:
    one = outgoing(bot, "one")
    outgoing(bot, "two")
    pachca.will_answer(429, "slow down", Retry_After="7")
    before = timezone.now()

    send(bot)

    one.refresh_from_db()
    assert one.state == State.WAITING
    assert before + timedelta(seconds=7) <= one.due_at <= timezone.now() + timedelta(seconds=7)
    assert not one.may_have_arrived
    make_due()
    send(bot)
    assert pachca.said == ["one", "one", "two"]


def test_a_refusal_is_final_and_said_and_does_not_hold_the_chat(bot: Any, pachca: Any) -> None:
    refused = outgoing(bot, "one")
    outgoing(bot, "two")
    errors = {"errors": [{"key": "content", "message": "is too long"}]}
    pachca.will_answer(422, errors)

    send(bot)

    refused.refresh_from_db()
    assert (refused.state, refused.error) == (State.FAILED, "content: is too long")
    assert pachca.said == ["one", "two"]


@pytest.mark.parametrize("body", ["", {}, {"errors": []}, {"errors": [None]}])
def test_a_refusal_without_a_reason_is_said_by_its_status(bot: Any, pachca: Any, body: Any) -> None:
    refused = outgoing(bot, "one")
    pachca.will_answer(400, body)

    send(bot)

    refused.refresh_from_db()
    assert (refused.state, refused.error) == (State.FAILED, "Pachca responded with status 400.")


def test_when_nobody_answers_the_call_is_put_off_longer_each_time(
    bot: Any, settings: SettingsWrapper
) -> None:
    settings.PACHCA_API_URL = "http://127.0.0.1:9"
    row = outgoing(bot, "one")
    pauses = []
    for _ in range(3):
        send(bot)
        row.refresh_from_db()
        pauses.append((row.due_at - timezone.now()).total_seconds())
        make_due()

    assert pauses == sorted(pauses)
    assert "Could not connect" in row.error
    assert not row.may_have_arrived


@pytest.mark.parametrize("status", [0, 500, 502])
def test_a_send_that_did_arrive_is_not_repeated(bot: Any, pachca: Any, status: int) -> None:
    known = outgoing(bot, "known")
    send(bot)
    pachca.create("lost answer")  # carried out, and then the response status was lost
    pachca.will_answer(status, "<html>")
    row = outgoing(bot, "lost answer")
    send(bot)
    row.refresh_from_db()
    assert (row.state, row.may_have_arrived) == (State.WAITING, True)

    make_due()
    send(bot)

    row.refresh_from_db()
    assert (row.state, row.message_id) == (State.DONE, 5001)
    assert pachca.said == ["known", "lost answer"]
    assert known.pk != row.pk


def test_a_send_that_did_not_arrive_is_repeated(bot: Any, pachca: Any) -> None:
    row = outgoing(bot, "hello", chat="discussion:77")
    pachca.will_answer(502, "<html>")
    send(bot, "discussion:77")
    make_due()

    send(bot, "discussion:77")

    row.refresh_from_db()
    assert row.state == State.DONE
    assert pachca.said == ["hello", "hello"]


def test_an_equal_message_that_another_call_left_is_not_taken_for_ours(
    bot: Any, pachca: Any
) -> None:
    outgoing(bot, "same", chat="discussion:77")
    send(bot, "discussion:77")
    outgoing(bot, "same", chat="discussion:77", may_have_arrived=True)

    send(bot, "discussion:77")

    assert pachca.said == ["same", "same"]
    assert set(Delivery.objects.values_list("message_id", flat=True)) == {5000, 5001}


def test_after_a_kill_in_mid_call_the_chat_is_asked_first(bot: Any, pachca: Any) -> None:
    row = outgoing(bot, "cut off", chat="discussion:77")
    Delivery.objects.claim(row.pk)  # a worker took it, and was killed
    pachca.create("cut off")
    Delivery.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))

    send(bot, "discussion:77")

    row.refresh_from_db()
    assert (row.state, row.message_id, pachca.said) == (State.DONE, 5000, [])


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_once_another_worker_has_taken_the_call_over(
    bot: Any, pachca: Any, settings: SettingsWrapper
) -> None:
    settings.JOBS_LEASE = 2
    row = outgoing(bot, "hello")

    async def slow(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
        await Delivery.objects.aupdate(attempts=F("attempts") + 1)
        await asyncio.sleep(30)
        return await prev(method, payload, signal)

    with use_temporarily(slow):
        send(bot)

    row.refresh_from_db()
    assert (row.state, row.attempts, pachca.said) == (State.WORKING, 2, [])


@pytest.mark.parametrize("moment", ["before", "with a connection"])
def test_a_process_that_stood_still_sends_nothing(bot: Any, pachca: Any, moment: str) -> None:
    """Whenever it was: also once the request is on its way to a connection."""
    outgoing(bot, "hello")
    chances = [0]

    def guard() -> None:
        chances[0] += 1
        lease = leases._current.get()
        if chances[0] == {"before": 1, "with a connection": 2}[moment] and lease is not None:
            lease._begin_term(time.monotonic() - settings.JOBS_LEASE)

    connection.guards.insert(0, guard)
    try:
        send(bot)
    finally:
        connection.guards.remove(guard)

    assert chances[0] >= 1, "aiohttp no longer calls GuardedRequest"
    assert (pachca.said, Delivery.objects.get().state) == ([], State.WORKING)
    Delivery.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    send(bot)
    assert pachca.said == ["hello"]


def test_not_getting_through_does_not_make_an_earlier_attempt_certain(
    bot: Any, settings: SettingsWrapper
) -> None:
    settings.PACHCA_API_URL = "http://127.0.0.1:9"
    row = outgoing(bot, "cut off", chat="discussion:77", may_have_arrived=True)

    send(bot, "discussion:77")

    row.refresh_from_db()
    assert (row.state, row.may_have_arrived) == (State.WAITING, True)


def test_the_first_answer_ever_is_looked_for_where_it_was_asked(bot: Any, pachca: Any) -> None:
    asked = Update.objects.create(
        bot=bot, key="a", kind="message.new", raw=json.dumps(message_event())
    )
    outgoing(bot, "cut off", update=asked, may_have_arrived=True)
    pachca.create("cut off")

    send(bot)

    assert (Delivery.objects.get().message_id, pachca.said) == (5000, [])


def test_it_is_given_up_after_many_failures(bot: Any, pachca: Any) -> None:
    row = outgoing(bot, "one", failures=delivery.MAX_FAILURES - 1)
    pachca.will_answer(500)

    send(bot)

    row.refresh_from_db()
    assert (row.state, row.status) == (State.FAILED, 500)


def test_waits_are_not_counted_as_failures(
    bot: Any, pachca: Any, settings: SettingsWrapper
) -> None:
    row = outgoing(bot, "one", attempts=500, waiting_since=timezone.now() - timedelta(hours=5))
    pachca.will_answer(502, "<html>")
    send(bot)
    row.refresh_from_db()
    assert (row.state, row.failures) == (State.WAITING, 1)

    make_due()
    send(bot)

    row.refresh_from_db()
    assert row.state == State.DONE


@pytest.mark.parametrize(
    "answers",
    [
        [(429, "1")] * 40,
        [(0, "")] + [(429, "1")] * 20 + [(502, ""), (429, "0"), (503, ""), (0, ""), (500, "")],
        [(401, "")] * 30,
    ],
    ids=["asked to wait", "all kinds of faults", "the token is rejected"],
)
def test_an_outage_of_any_kind_loses_nothing(bot: Any, pachca: Any, answers: Any) -> None:
    outgoing(bot, "one")
    outgoing(bot, "two")
    for status, seconds in answers:
        pachca.will_answer(status, "", **({"Retry_After": seconds} if seconds else {}))

    while pachca.script:
        send(bot)
        make_due()
    send(bot)

    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DONE}
    assert list(dict.fromkeys(pachca.said)) == ["one", "two"]


@pytest.mark.parametrize(
    ("status", "hours", "state"),
    [(429, 23, State.WAITING), (429, 25, State.FAILED), (401, 25, State.FAILED)],
)
def test_waiting_is_given_up_by_the_time_that_has_passed(
    bot: Any, pachca: Any, status: int, hours: int, state: Any
) -> None:
    since = timezone.now() - timedelta(hours=hours)
    row = outgoing(bot, "one", attempts=2000, waiting_since=since)
    pachca.will_answer(status, "slow down", Retry_After="1")

    send(bot)

    row.refresh_from_db()
    assert row.state == state


def test_hours_in_which_no_worker_ran_do_not_count(bot: Any, pachca: Any) -> None:
    row = outgoing(bot, "one", attempts=1, waiting_since=timezone.now() - timedelta(days=3))
    pachca.will_answer(429, "slow down", Retry_After="1")

    send(bot)

    row.refresh_from_db()
    assert row.state == State.WAITING


def test_a_steady_request_to_wait_a_second_is_heeded_less_and_less_often(
    bot: Any, pachca: Any
) -> None:
    row = outgoing(bot, "one", attempts=2000, waiting_since=timezone.now())
    pachca.will_answer(429, "slow down", Retry_After="1")
    before = timezone.now()

    send(bot)

    row.refresh_from_db()
    assert (row.due_at - before).total_seconds() > 30
    assert (row.due_at - timezone.now()).total_seconds() <= delivery.WAIT_BACKOFF.cap * 1.25


def test_while_pachca_is_down_nothing_is_repeated_blindly_nor_counted(
    bot: Any, pachca: Any
) -> None:
    row = outgoing(bot, "one", chat="discussion:77", may_have_arrived=True, failures=5)
    pachca.will_answer(502, "<html>")

    send(bot, "discussion:77")

    row.refresh_from_db()
    assert (row.state, row.failures, row.may_have_arrived) == (State.WAITING, 5, True)
    assert pachca.said == []


def test_a_chat_that_may_not_be_read_is_written_to_again(bot: Any, pachca: Any) -> None:
    row = outgoing(bot, "one", chat="discussion:77", may_have_arrived=True)
    pachca.will_answer(403, {"error": "role_forbidden"})

    send(bot, "discussion:77")

    row.refresh_from_db()
    assert (row.state, pachca.said) == (State.DONE, ["one"])


def test_a_call_that_kills_every_worker_is_given_up(bot: Any, pachca: Any) -> None:
    row = outgoing(bot, "one")
    for _ in range(delivery.MAX_FAILURES + 1):
        assert Delivery.objects.claim(row.pk)
        Delivery.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))

    send(bot)

    row.refresh_from_db()
    assert (row.state, pachca.said) == (State.FAILED, [])
    assert "was killed" in row.error


# --- outcomes that cannot be stored --------------------------------------------------------------

NUL_AND_HALF = "a\0b\ud800c"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "body",
    [
        {"data": {"id": 5000, "chat_id": 77, "content": NUL_AND_HALF, NUL_AND_HALF: 1}},
        {"data": {"id": 2**70, "score": float("nan")}},
        {"data": {"id": NUL_AND_HALF}},
        {"data": [b"bytes", {1, 2}, object()]},
        NUL_AND_HALF,
    ],
)
def test_whatever_pachca_answers_can_be_stored(bot: Any, body: Any) -> None:
    async def answers(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
        return ApiResponse(201, body)

    row = outgoing(bot, "one")
    outgoing(bot, "two")

    with use_temporarily(answers):
        send(bot)

    row.refresh_from_db()
    assert (row.state, row.error) == (State.DONE, "")
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DONE}


@pytest.mark.django_db(transaction=True)
def test_a_refusal_with_characters_that_cannot_be_stored_is_kept(bot: Any) -> None:
    async def refuses(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
        return ApiResponse(422, {"errors": [{"key": "a", "message": NUL_AND_HALF}]})

    row = outgoing(bot, "one")

    with use_temporarily(refuses):
        send(bot)

    row.refresh_from_db()
    assert (row.state, row.error) == (State.FAILED, "a: ab?c")


@pytest.mark.parametrize("returned", [None, {"data": {}}, (201, {})])
def test_a_transformer_that_returns_no_response_is_named_and_holds_up_nothing(
    bot: Any, pachca: Any, returned: Any
) -> None:
    async def forgets(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
        await prev(method, payload, signal)
        return (
            returned
            if payload["message"]["content"] == "one"
            else await prev(method, payload, signal)
        )

    outgoing(bot, "one")
    outgoing(bot, "two")

    with use_temporarily(forgets):
        send(bot)

    one, two = Delivery.objects.order_by("pk")
    assert (one.state, two.state) == (State.FAILED, State.DONE)
    assert "forgets returned" in one.error
    assert "not an ApiResponse" in one.error
    assert pachca.said.count("one") == 1


def test_an_outcome_that_no_column_holds_fails_and_lets_the_next_one_through(
    bot: Any, pachca: Any
) -> None:
    outgoing(bot, "one")
    outgoing(bot, "two")

    async def strange(prev: Any, method: Any, payload: Any, signal: Any) -> Any:
        response = await prev(method, payload, signal)
        return Unprintable(**vars(response)) if pachca.said == ["one"] else response

    with use_temporarily(strange):
        send(bot)

    one, two = Delivery.objects.order_by("pk")
    assert (one.state, two.state) == (State.FAILED, State.DONE)
    assert "could not be stored: RuntimeError: no data" in one.error
    assert pachca.said == ["one", "two"]


class Unprintable(ApiResponse):
    @property
    def data(self) -> None:
        raise RuntimeError("no data")


# --- outages -------------------------------------------------------------------------------------


def test_an_outage_is_logged_once_when_it_begins_and_once_when_it_ends(
    bot: Any, pachca: Any, settings: SettingsWrapper, caplog: pytest.LogCaptureFixture
) -> None:
    outgoing(bot, "one")
    outgoing(bot, "elsewhere", chat="user:13")
    here, settings.PACHCA_API_URL = settings.PACHCA_API_URL, "http://127.0.0.1:9"

    for _ in range(4):
        send(bot)
        send(bot, "user:13")
        make_due()
    begun = [it.message for it in caplog.records if "is unavailable for the bot demo" in it.message]
    bot.refresh_from_db()
    assert len(begun) == 1
    assert "Could not connect" in bot.unreachable_reason

    settings.PACHCA_API_URL = here
    send(bot)
    send(bot, "user:13")

    bot.refresh_from_db()
    ended = [
        it.message for it in caplog.records if "available again for the bot demo" in it.message
    ]
    assert (len(ended), bot.unreachable_since, bot.unreachable_reason) == (1, None, "")
    assert pachca.said == ["one", "elsewhere"]


@pytest.mark.parametrize("answer", [(429, "slow down"), (500, ""), (422, {"errors": []})])
def test_one_fault_is_no_outage(bot: Any, pachca: Any, answer: Any) -> None:
    outgoing(bot, "one")
    pachca.will_answer(*answer)

    send(bot)

    bot.refresh_from_db()
    assert bot.unreachable_since is None


def test_an_answer_that_makes_no_sense_is_an_attempt_like_any_other(bot: Any, pachca: Any) -> None:
    row = outgoing(bot, "one", chat="discussion:77", may_have_arrived=True)
    pachca.will_answer(200, {"data": [{"what": "is this"}]})

    send(bot, "discussion:77")

    row.refresh_from_db()
    assert (row.state, row.error) == (State.WAITING, "KeyError: 'user_id'")


def test_an_unknown_method_fails_with_its_name(bot: Any, pachca: Any) -> None:
    row = Delivery.objects.create(bot=bot, method="make_coffee", payload={})

    run(delivery.deliver(bot.pk, ""))

    row.refresh_from_db()
    assert (row.state, "make_coffee" in row.error) == (State.FAILED, True)


def test_calling_twice_sends_once(bot: Any, pachca: Any) -> None:
    outgoing(bot, "one")

    send(bot)
    send(bot)

    assert pachca.said == ["one"]
