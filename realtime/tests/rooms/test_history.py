"""Clients that reconnect receive missed events in order and once, or have to fetch the state."""

import asyncio
import json
import re
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from pytest_django.fixtures import SettingsWrapper
from redis import Redis

from realtime.actions import apublish, publish
from realtime.connections.limits import Limits
from realtime.register import EventRegister
from realtime.rooms.hub import Hub
from realtime.tests.clients import connected
from realtime.wire.keys import history_key


@pytest.fixture
def register() -> Any:
    made = EventRegister(anonymous=True)

    @made.on_join("*")
    async def anyone(context: Any, room: Any) -> bool:
        return True

    return made


async def join(client: Any, since: Any = "") -> Any:
    """Join the room; return the missed events and the reply."""
    await client.emit("system.join", {"room": "tea", "since": since})
    heard = []
    while (frame := json.loads(await client.receive_from(3)))["eventName"] != "system.joined":
        heard.append(frame["payload"])
    return heard, frame["payload"]


async def pour(*payloads: Any) -> None:
    for payload in payloads:
        await apublish("poured", payload, "tea")


async def hear_all(client: Any, count: Any) -> Any:
    return [(await client.hear(10))[1] for _ in range(count)]


async def test_missed_events_are_sent_when_joining_again(register: Any, broker: Any) -> None:
    async with connected(register) as client:
        _, start = await join(client)
    await pour(1, 2)
    async with connected(register) as client:
        heard, answer = await join(client, start["offset"])
        await pour(3)

        assert (heard, answer["complete"]) == ([1, 2], True)
        assert await hear_all(client, 1) == [3]


async def test_every_event_has_its_room_and_offset(register: Any, broker: Any) -> None:
    async with connected(register) as client:
        await join(client)
        await pour(1)
        frame = json.loads(await client.receive_from(3))
        await pour(2)
    async with connected(register) as client:
        heard, answer = await join(client, frame["headers"]["offset"])

    assert frame["headers"]["room"] == "tea"
    assert heard == [2]
    assert answer["offset"] > frame["headers"]["offset"]


async def test_joining_without_an_offset_starts_from_now(register: Any, broker: Any) -> None:
    await pour(1)
    async with connected(register) as client:
        assert (await join(client))[0] == []


async def test_events_beyond_the_history_must_be_fetched(
    register: Any, broker: Any, settings: SettingsWrapper
) -> None:
    settings.REALTIME_HISTORY = 3
    async with connected(register) as client:
        _, start = await join(client)
        await pour(*range(4))
        await hear_all(client, 4)
        heard, answer = await join(client, start["offset"])

    assert (heard, answer["complete"]) == ([], False)


async def test_a_history_of_any_size_is_recovered(register: Any, broker: Any) -> None:
    """The history exceeds the outbox, so it is sent in pages as the client reads."""
    async with connected(register) as client:
        _, start = await join(client)
    texts = [f"{number}" + "x" * 50_000 for number in range(60)]
    await pour(*texts)

    async with connected(register) as client:
        heard, answer = await join(client, start["offset"])
        await pour("after")
        after = await hear_all(client, 1)

    assert (heard == texts, answer["complete"], after) == (True, True, ["after"])


async def test_events_published_during_a_slow_recovery_are_received_once_and_in_order(
    register: Any, broker: Any
) -> None:
    async with connected(register) as client:
        _, start = await join(client)
    await pour(*range(200))

    async with connected(register, Limits(outbox_size=1000)) as client:
        telling = asyncio.create_task(pour(*range(200, 400)))
        heard, answer = await join(client, start["offset"])
        heard += await hear_all(client, 400 - len(heard))
        await telling

    assert heard == list(range(400))
    assert answer["complete"]


async def test_an_event_larger_than_the_outbox_must_be_fetched(register: Any, broker: Any) -> None:
    async with connected(register) as client:
        _, start = await join(client)
    await pour("x" * 2000)
    async with connected(register, Limits(outbox_size=1500)) as client:
        heard, answer = await join(client, start["offset"])

    assert (heard, answer["complete"]) == ([], False)


async def test_an_expired_history_must_be_fetched(register: Any, broker: Any) -> None:
    async with connected(register) as client:
        _, start = await join(client)
        Redis.from_url(broker.url).flushall()
        await pour(1)
        await hear_all(client, 1)
        _, answer = await join(client, start["offset"])

    assert answer["complete"] is False


@pytest.mark.parametrize("since", ["x", "1-1-1", "9" * 30 + "-0", 5, {"a": 1}, ["1-1"]])
async def test_an_invalid_offset_is_refused(register: Any, broker: Any, since: Any) -> None:
    async with connected(register) as client:
        await client.emit("system.join", {"room": "tea", "since": since})
        name, payload = await client.hear()

    assert (name, payload["code"]) == ("error", "bad_payload")


@pytest.mark.parametrize("since", ["", None, {}])
async def test_an_empty_offset_starts_from_now(register: Any, broker: Any, since: Any) -> None:
    async with connected(register) as client:
        await client.emit("system.join", {"room": "tea", "since": since})
        name, _ = await client.hear()

    assert name == "system.joined"


async def test_members_that_join_during_a_flood_receive_every_event_once(
    register: Any, broker: Any
) -> None:
    async with connected(register) as client:
        _, start = await join(client)
    telling = asyncio.create_task(pour(*range(200)))
    for _ in range(5):
        await asyncio.sleep(0.005)
        async with connected(register) as client:
            heard, _ = await join(client, start["offset"])
            heard += await hear_all(client, 200 - len(heard))

            assert heard == list(range(200))
            assert await client.receive_nothing(0.01)
    await telling


async def test_the_reply_to_a_join_has_the_offset_of_the_last_event(broker: Any) -> None:
    register = EventRegister(anonymous=True)

    @register.on_join("*", presence=True)
    async def anyone(context: Any, room: Any) -> bool:
        return True

    async with connected(register) as client:
        _, start = await join(client)
    telling = asyncio.create_task(pour(*range(200)))
    for _ in range(10):
        await asyncio.sleep(0.005)
        async with connected(register) as client:
            _, answer = await join(client, start["offset"])
            async with connected(register) as other:
                missed, _ = await join(other, answer["offset"])
                heard = await hear_all(client, len(missed))

                assert heard == missed
    await telling


async def test_an_interrupted_subscription_catches_up_in_order_and_once(
    register: Any, broker: Any
) -> None:
    async with connected(register) as client:
        await join(client)
        await pour(1)

        Redis.from_url(broker.url).client_kill_filter(_type="pubsub")
        await pour(2, 3)

        assert await hear_all(client, 3) == [1, 2, 3]
        await pour(4)
        assert await hear_all(client, 1) == [4]


async def test_clients_must_fetch_after_redis_lost_its_data(register: Any, broker: Any) -> None:
    async with connected(register) as client:
        await join(client)

        broker.stop()
        broker.start()

        assert await client.hear(10) == ("system.refetch", {"room": "tea"})
        await pour(1)
        assert await client.hear() == ("poured", 1)


async def test_events_published_while_redis_hangs_arrive_later(register: Any, broker: Any) -> None:
    async with connected(register) as client:
        await join(client)

        with broker.frozen():
            await pour(1, 2, 3)
            await asyncio.sleep(0.5)  # each attempt meanwhile will be carried out in the end
        await pour(4)

        assert await hear_all(client, 4) == [1, 2, 3, 4]
        assert await client.receive_nothing(0.3)


async def test_events_published_while_redis_is_down_arrive_later(
    register: Any, broker: Any
) -> None:
    broker.stop()
    await pour(1, 2)
    broker.start()
    await pour(3)

    stored = await stored_in(broker, "tea", count=3)

    assert stored == [1, 2, 3]


async def stored_in(broker: Any, room: Any, count: Any) -> Any:
    """Return what the history of the room has once there are `count` events in it."""
    client = Redis.from_url(broker.url)
    async with asyncio.timeout(10):
        rows: Any = []
        while len(rows) < count:
            await asyncio.sleep(0.02)
            rows = client.xrange(history_key(room, broker.url))
    client.close()
    found = [re.search(rb'"payload": ?(\d+)', fields[b"head"]) for _, fields in rows]
    return [int(match[1]) for match in found if match]


async def test_lossy_events_are_sent_but_not_stored(register: Any, broker: Any) -> None:
    async with connected(register) as client:
        _, start = await join(client)
        await sync_to_async(publish)("moved", 1, "tea", is_lossy=True)

        assert await client.hear() == ("moved", 1)
        assert (await join(client, start["offset"]))[0] == []


async def test_a_slow_client_misses_lossy_events_and_stays_connected(
    register: Any, broker: Any
) -> None:
    async with connected(register, Limits(outbox_size=4000)) as client:
        await join(client)
        (connection,) = Hub.of_this_loop().connections
        for _ in range(100):
            connection.write_soon("x" * 100, is_lossy=True)

        assert not connection.is_closed


async def test_retracted_events_are_not_sent_to_clients_that_catch_up(
    register: Any, broker: Any
) -> None:
    async with connected(register) as client:
        _, start = await join(client)
    send = sync_to_async(publish)
    await send("poured", "secret", "tea", about=["cup.1", "person.7"])
    await send("poured", "stored", "tea", about=["cup.11", "person.77"])
    await send("spilt", 1, "tea", retracts="cup.1")
    await send("poured", "another", "tea", about=["cup.2", "person.7"])
    await send("left", 7, "tea", retracts="person.7")

    async with connected(register) as client:
        heard, answer = await join(client, start["offset"])

    assert (heard, answer["complete"]) == (["stored", 1, 7], True)
