"""Whoever was away is told what was missed, in order and once, or that it cannot be told."""

import asyncio
import json
import re
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from redis import Redis

from realtime.actions import apublish, publish
from realtime.broker import stream_of
from realtime.hub import Hub
from realtime.limits import Limits
from realtime.register import EventRegister
from realtime.tests.clients import connected


@pytest.fixture
def register():
    made = EventRegister(anonymous=True)

    @made.on_join("*")
    async def anyone(context, room):
        return True

    return made


async def join(client, since=""):
    """Join the room and return what is heard until that is done, and the answer."""
    await client.emit("system.join", {"room": "tea", "since": since})
    heard = []
    while (frame := json.loads(await client.receive_from(3)))["eventName"] != "system.joined":
        heard.append(frame["payload"])
    return heard, frame["payload"]


async def pour(*payloads):
    for payload in payloads:
        await apublish("poured", payload, "tea")


async def hear_all(client, count):
    return [(await client.hear(10))[1] for _ in range(count)]


async def test_what_was_missed_is_told_when_joining_again(register, broker):
    async with connected(register) as client:
        _, start = await join(client)
    await pour(1, 2)
    async with connected(register) as client:
        heard, answer = await join(client, start["offset"])
        await pour(3)

        assert (heard, answer["complete"]) == ([1, 2], True)
        assert await hear_all(client, 1) == [3]


async def test_every_event_tells_its_room_and_offset(register, broker):
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


async def test_joining_without_an_offset_starts_from_now(register, broker):
    await pour(1)
    async with connected(register) as client:
        assert (await join(client))[0] == []


async def test_more_than_the_history_holds_is_to_be_fetched(register, broker, settings):
    settings.REALTIME_HISTORY = 3
    async with connected(register) as client:
        _, start = await join(client)
        await pour(*range(4))
        await hear_all(client, 4)
        heard, answer = await join(client, start["offset"])

    assert (heard, answer["complete"]) == ([], False)


async def test_more_than_can_wait_for_the_reader_is_to_be_fetched(register, broker):
    async with connected(register) as client:
        _, start = await join(client)
    await pour("x" * 1000)
    async with connected(register, Limits(outbox_size=1500)) as client:
        heard, answer = await join(client, start["offset"])

    assert (heard, answer["complete"]) == ([], False)


async def test_a_history_that_is_gone_is_to_be_fetched(register, broker):
    async with connected(register) as client:
        _, start = await join(client)
        Redis.from_url(broker.url).flushall()
        await pour(1)
        await hear_all(client, 1)
        _, answer = await join(client, start["offset"])

    assert answer["complete"] is False


@pytest.mark.parametrize("since", ["x", "1-1-1", "9" * 30 + "-0", 5, {"a": 1}, ["1-1"]])
async def test_what_is_no_offset_is_refused(register, broker, since):
    async with connected(register) as client:
        await client.emit("system.join", {"room": "tea", "since": since})
        name, payload = await client.hear()

    assert (name, payload["code"]) == ("error", "bad_payload")


@pytest.mark.parametrize("since", ["", None, {}])
async def test_without_an_offset_one_joins_from_now(register, broker, since):
    async with connected(register) as client:
        await client.emit("system.join", {"room": "tea", "since": since})
        name, _ = await client.hear()

    assert name == "system.joined"


async def test_those_who_come_while_much_is_told_hear_all_of_it_once(register, broker):
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


async def test_the_answer_to_who_joins_tells_the_place_of_what_was_told_last(broker):
    register = EventRegister(anonymous=True)

    @register.on_join("*", presence=True)
    async def anyone(context, room):
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


async def test_a_broken_line_is_caught_up_with_in_order_and_once(register, broker):
    async with connected(register) as client:
        await join(client)
        await pour(1)

        Redis.from_url(broker.url).client_kill_filter(_type="pubsub")
        await pour(2, 3)

        assert await hear_all(client, 3) == [1, 2, 3]
        await pour(4)
        assert await hear_all(client, 1) == [4]


async def test_a_broker_that_lost_its_memory_makes_clients_fetch(register, broker):
    async with connected(register) as client:
        await join(client)

        broker.stop()
        broker.start()

        assert await client.hear(10) == ("system.refetch", {"room": "tea"})
        await pour(1)
        assert await client.hear() == ("poured", 1)


async def test_what_is_told_while_the_broker_does_not_answer_is_heard_later(register, broker):
    async with connected(register) as client:
        await join(client)

        with broker.frozen():
            await pour(1, 2, 3)
            await asyncio.sleep(0.5)  # each attempt meanwhile will be carried out in the end
        await pour(4)

        assert await hear_all(client, 4) == [1, 2, 3, 4]
        assert await client.receive_nothing(0.3)


async def test_what_is_told_while_the_broker_is_gone_is_told_when_it_is_back(register, broker):
    broker.stop()
    await pour(1, 2)
    broker.start()
    await pour(3)

    kept = await kept_in(broker, "tea", count=3)

    assert kept == [1, 2, 3]


async def kept_in(broker, room, count):
    """Return what the history of the room has once there are `count` events in it."""
    client = Redis.from_url(broker.url)
    async with asyncio.timeout(10):
        rows: Any = []
        while len(rows) < count:
            await asyncio.sleep(0.02)
            rows = client.xrange(stream_of(room, broker.url))
    client.close()
    found = [re.search(rb'"payload": ?(\d+)', fields[b"head"]) for _, fields in rows]
    return [int(match[1]) for match in found if match]


async def test_what_is_lossy_is_told_but_not_kept(register, broker):
    async with connected(register) as client:
        _, start = await join(client)
        await sync_to_async(publish)("moved", 1, "tea", is_lossy=True)

        assert await client.hear() == ("moved", 1)
        assert (await join(client, start["offset"]))[0] == []


async def test_a_slow_reader_misses_what_is_lossy_and_stays(register, broker):
    async with connected(register, Limits(outbox_size=4000)) as client:
        await join(client)
        (connection,) = Hub.of_this_loop().connections
        for _ in range(100):
            connection.write_soon("x" * 100, is_lossy=True)

        assert not connection.is_closed
