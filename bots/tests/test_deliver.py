import asyncio
import json
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from bots import deliver
from bots.jobs import State
from bots.models import Bot, Delivery, Update
from bots.outgoing import used
from bots.tests.conftest import message_event, run


def outgoing(bot: Bot, text: str, chat: str = "user:12", **fields) -> Delivery:
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
    run(deliver.deliver(bot.pk, chat))


def test_a_chat_is_sent_in_order_and_the_answers_are_kept(bot, pachca):
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


def test_429_waits_as_long_as_asked_and_holds_the_chat(bot, pachca):
    one = outgoing(bot, "one")
    outgoing(bot, "two")
    pachca.will_answer(429, "slow down", Retry_After="7")

    send(bot)

    one.refresh_from_db()
    assert one.state == State.WAITING
    assert 6 < (one.due_at - timezone.now()).total_seconds() <= 7
    assert not one.may_have_arrived
    make_due()
    send(bot)
    assert pachca.said == ["one", "one", "two"]


def test_a_refusal_is_final_and_said_and_does_not_hold_the_chat(bot, pachca):
    refused = outgoing(bot, "one")
    outgoing(bot, "two")
    errors = {"errors": [{"key": "content", "message": "is too long"}]}
    pachca.will_answer(422, errors)

    send(bot)

    refused.refresh_from_db()
    assert (refused.state, refused.error) == (State.FAILED, "content: is too long")
    assert pachca.said == ["one", "two"]


def test_when_nobody_answers_the_call_is_put_off_longer_each_time(bot, settings):
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
def test_a_send_that_did_arrive_is_not_repeated(bot, pachca, status):
    known = outgoing(bot, "known")
    send(bot)
    pachca.create("lost answer")  # carried out, and then the answer was lost
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


def test_a_send_that_did_not_arrive_is_repeated(bot, pachca):
    row = outgoing(bot, "hello", chat="discussion:77")
    pachca.will_answer(502, "<html>")
    send(bot, "discussion:77")
    make_due()

    send(bot, "discussion:77")

    row.refresh_from_db()
    assert row.state == State.DONE
    assert pachca.said == ["hello", "hello"]


def test_an_equal_message_that_another_call_left_is_not_taken_for_ours(bot, pachca):
    outgoing(bot, "same", chat="discussion:77")
    send(bot, "discussion:77")
    outgoing(bot, "same", chat="discussion:77", may_have_arrived=True)

    send(bot, "discussion:77")

    assert pachca.said == ["same", "same"]
    assert set(Delivery.objects.values_list("message_id", flat=True)) == {5000, 5001}


def test_after_a_kill_in_mid_call_the_chat_is_asked_first(bot, pachca):
    row = outgoing(bot, "cut off", chat="discussion:77")
    Delivery.objects.claim(row.pk)  # a worker took it, and was killed
    pachca.create("cut off")
    Delivery.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))

    send(bot, "discussion:77")

    row.refresh_from_db()
    assert (row.state, row.message_id, pachca.said) == (State.DONE, 5000, [])


def test_nothing_is_sent_once_another_worker_has_taken_the_call_over(bot, pachca, settings):
    settings.JOBS_LEASE = 0.2
    row = outgoing(bot, "hello")

    async def slow(prev, method, payload, signal):
        await Delivery.objects.aupdate(attempts=F("attempts") + 1)
        await asyncio.sleep(30)
        return await prev(method, payload, signal)

    with used(slow):
        send(bot)

    row.refresh_from_db()
    assert (row.state, row.attempts, pachca.said) == (State.WORKING, 2, [])


def test_not_getting_through_does_not_make_an_earlier_attempt_certain(bot, settings):
    settings.PACHCA_API_URL = "http://127.0.0.1:9"
    row = outgoing(bot, "cut off", chat="discussion:77", may_have_arrived=True)

    send(bot, "discussion:77")

    row.refresh_from_db()
    assert (row.state, row.may_have_arrived) == (State.WAITING, True)


def test_the_first_answer_ever_is_looked_for_where_it_was_asked(bot, pachca):
    asked = Update.objects.create(
        bot=bot, key="a", kind="message.new", raw=json.dumps(message_event())
    )
    outgoing(bot, "cut off", update=asked, may_have_arrived=True)
    pachca.create("cut off")

    send(bot)

    assert (Delivery.objects.get().message_id, pachca.said) == (5000, [])


def test_it_is_given_up_after_many_attempts(bot, pachca):
    row = outgoing(bot, "one", attempts=deliver.MOST_ATTEMPTS - 1)
    pachca.will_answer(500)

    send(bot)

    row.refresh_from_db()
    assert (row.state, row.status) == (State.FAILED, 500)


def test_while_pachca_is_away_it_is_not_given_up_for_a_day(bot, settings):
    settings.PACHCA_API_URL = "http://127.0.0.1:9"
    row = outgoing(bot, "one", attempts=deliver.MOST_ATTEMPTS + 1)

    send(bot)

    row.refresh_from_db()
    assert row.state == State.WAITING
    assert deliver.MOST_WAITS * deliver.LONGEST_PAUSE == 24 * 3600


def test_an_answer_that_makes_no_sense_is_an_attempt_like_any_other(bot, pachca):
    row = outgoing(bot, "one", chat="discussion:77", may_have_arrived=True)
    pachca.will_answer(200, {"data": [{"what": "is this"}]})

    send(bot, "discussion:77")

    row.refresh_from_db()
    assert (row.state, row.error) == (State.WAITING, "KeyError: 'user_id'")


def test_an_unknown_method_fails_with_its_name(bot, pachca):
    row = Delivery.objects.create(bot=bot, method="make_coffee", payload={})

    run(deliver.deliver(bot.pk, ""))

    row.refresh_from_db()
    assert (row.state, "make_coffee" in row.error) == (State.FAILED, True)


def test_calling_twice_sends_once(bot, pachca):
    outgoing(bot, "one")

    send(bot)
    send(bot)

    assert pachca.said == ["one"]
