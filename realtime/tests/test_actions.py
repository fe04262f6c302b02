import json
import time
from datetime import UTC, datetime

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction

from realtime.actions import publish
from realtime.register import EventContext, EventRegister
from realtime.tests.clients import connected


@pytest.fixture
def rooms():
    register = EventRegister(anonymous=True)

    @register.on_event("join")
    async def join(context: EventContext) -> None:
        await context.connection.join(context.payload)
        await context.connection.send("joined", context.payload)

    return register


@pytest.mark.django_db(transaction=True)
async def test_what_is_published_is_heard_by_those_in_the_room(rooms, broker):
    async with connected(rooms) as ann, connected(rooms) as bob:
        for client, room in ((ann, "tea"), (bob, "coffee")):
            await client.emit("join", room)
            assert await client.hear() == ("joined", room)

        publish("poured", {"cup": "чай"}, "tea")

        assert await ann.hear() == ("poured", {"cup": "чай"})
        assert await bob.receive_nothing()


@pytest.mark.django_db(transaction=True)
async def test_what_a_thread_publishes_is_heard_at_once_and_in_order(rooms, broker):
    async with connected(rooms) as ann:
        await ann.emit("join", "tea")
        await ann.hear()

        for number in range(20):
            await sync_to_async(publish)("poured", number, "tea")
            assert await ann.hear() == ("poured", number)


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_the_event_leaves_after_the_commit(sockets):
    with transaction.atomic():
        publish("poured", 1, "tea")
        assert sockets.heard == []

    assert sockets.heard == [("poured", 1)]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_event_never_leaves(sockets):
    with transaction.atomic():
        publish("poured", 1, "tea")
        transaction.set_rollback(True)

    assert sockets.heard == []


@pytest.mark.django_db
def test_the_payload_is_told_as_it_was_when_published(sockets, django_capture_on_commit_callbacks):
    payload = {"cups": [1]}

    with django_capture_on_commit_callbacks(execute=True):
        publish("poured", payload, "tea")
        payload["cups"].append(2)

    assert sockets.heard == [("poured", {"cups": [1]})]


@pytest.mark.django_db(transaction=True)
def test_dates_are_told_as_django_writes_them(sockets):
    publish("poured", {"at": datetime(2026, 1, 2, tzinfo=UTC)}, "tea")

    assert sockets.heard == [("poured", {"at": "2026-01-02T00:00:00Z"})]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_fails_nobody_and_is_logged_once(broker, caplog):
    broker.stop()
    started = time.monotonic()

    for _ in range(100):
        publish("poured", None, "tea")

    assert time.monotonic() - started < 1
    assert [record.levelname for record in caplog.records] == ["ERROR"]


@pytest.mark.django_db(transaction=True)
async def test_joining_while_the_broker_is_away_waits_for_it(rooms, broker):
    broker.stop()
    async with connected(rooms) as ann:
        await ann.emit("join", "tea")
        assert await ann.receive_nothing(0.2)

        broker.start()

        assert await ann.hear() == ("joined", "tea")


async def test_one_frame_is_the_same_text_for_every_listener(rooms, broker):
    async with connected(rooms) as ann, connected(rooms) as bob:
        for client in (ann, bob):
            await client.emit("join", "tea")
            await client.hear()

        await sync_to_async(publish)("poured", {"n": 1}, "tea")
        texts = [await client.receive_from(3) for client in (ann, bob)]

    assert texts[0] is texts[1]
    told = json.loads(texts[0])
    assert (told["eventName"], told["payload"], told["headers"]["room"]) == (
        "poured",
        {"n": 1},
        "tea",
    )
