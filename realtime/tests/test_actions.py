import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from realtime.actions import publish
from realtime.register import EventContext, EventRegister
from realtime.tests.clients import connected


@pytest.fixture
def rooms() -> Any:
    register = EventRegister(anonymous=True)

    @register.on_event("join")
    async def join(context: EventContext) -> None:
        await context.connection.join(context.payload)
        await context.connection.send("joined", context.payload)

    return register


@pytest.mark.django_db(transaction=True)
async def test_published_events_reach_the_members_of_the_room(rooms: Any, broker: Any) -> None:
    async with connected(rooms) as ann, connected(rooms) as bob:
        for client, room in ((ann, "tea"), (bob, "coffee")):
            await client.emit("join", room)
            assert await client.hear() == ("joined", room)

        publish("poured", {"cup": "чай"}, "tea")

        assert await ann.hear() == ("poured", {"cup": "чай"})
        assert await bob.receive_nothing()


@pytest.mark.django_db(transaction=True)
async def test_events_published_by_a_thread_arrive_in_order(rooms: Any, broker: Any) -> None:
    async with connected(rooms) as ann:
        await ann.emit("join", "tea")
        await ann.hear()

        for number in range(20):
            await sync_to_async(publish)("poured", number, "tea")
            assert await ann.hear() == ("poured", number)


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_the_event_is_sent_after_the_commit(sockets: Any) -> None:
    with transaction.atomic():
        publish("poured", 1, "tea")
        assert sockets.received == []

    assert sockets.received == [("poured", 1)]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_event_is_not_sent(sockets: Any) -> None:
    with transaction.atomic():
        publish("poured", 1, "tea")
        transaction.set_rollback(True)

    assert sockets.received == []


@pytest.mark.django_db
def test_the_payload_is_encoded_when_published(
    sockets: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    payload = {"cups": [1]}

    with django_capture_on_commit_callbacks(execute=True):
        publish("poured", payload, "tea")
        payload["cups"].append(2)

    assert sockets.received == [("poured", {"cups": [1]})]


@pytest.mark.django_db(transaction=True)
def test_dates_are_encoded_as_django_does(sockets: Any) -> None:
    publish("poured", {"at": datetime(2026, 1, 2, tzinfo=UTC)}, "tea")

    assert sockets.received == [("poured", {"at": "2026-01-02T00:00:00Z"})]


@pytest.mark.django_db(transaction=True)
def test_publishing_while_redis_is_down_raises_nothing_and_is_logged_once(
    broker: Any, caplog: pytest.LogCaptureFixture
) -> None:
    broker.stop()
    started = time.monotonic()

    for _ in range(100):
        publish("poured", None, "tea")

    assert time.monotonic() - started < 10
    assert [record.levelname for record in caplog.records] == ["ERROR"]


@pytest.mark.django_db(transaction=True)
async def test_joining_waits_while_redis_is_down(rooms: Any, broker: Any) -> None:
    broker.stop()
    async with connected(rooms) as ann:
        await ann.emit("join", "tea")
        assert await ann.receive_nothing(0.2)

        broker.start()

        assert await ann.hear() == ("joined", "tea")


async def test_all_members_are_sent_the_same_text_object(rooms: Any, broker: Any) -> None:
    async with connected(rooms) as ann, connected(rooms) as bob:
        for client in (ann, bob):
            await client.emit("join", "tea")
            await client.hear()

        await sync_to_async(publish)("poured", {"n": 1}, "tea")
        texts = [await client.receive_from(3) for client in (ann, bob)]

    assert texts[0] is texts[1]
    event = json.loads(texts[0])
    assert (event["eventName"], event["payload"], event["headers"]["room"]) == (
        "poured",
        {"n": 1},
        "tea",
    )
