import asyncio

import pytest
from redis.asyncio import Redis

from realtime.hub import Hub
from realtime.presence import Presence
from realtime.register import EventRegister
from realtime.tests.clients import connected
from realtime.tests.people import KEY

ANN = [(b"api-key", KEY.encode())]


@pytest.fixture
def register(settings):
    settings.KEY_AUTHENTICATOR = "realtime.tests.people.owner_of_key"
    made = EventRegister(anonymous=True)

    @made.on_join("*", presence=True)
    async def anyone(context, room):
        return True

    return made


async def join(client):
    await client.emit("system.join", {"room": "tea"})
    while (heard := await client.hear())[0] != "system.joined":
        pass
    return heard[1]["present"]


async def test_coming_and_going_is_told_once_for_each_person(register, broker):
    async with connected(register) as watcher:
        assert await join(watcher) == []

        async with connected(register, headers=ANN) as first:
            assert await join(first) == ["7"]
            async with connected(register, headers=ANN) as second:
                assert await join(second) == ["7"]
            await first.emit("system.leave", {"room": "tea"})

            assert await watcher.hear() == ("presence.joined", {"room": "tea", "person": "7"})
            assert await watcher.hear() == ("presence.left", {"room": "tea", "person": "7"})
        assert await watcher.receive_nothing()


async def test_a_room_without_presence_tells_nothing(register, broker):
    register = EventRegister(anonymous=True)

    @register.on_event("join")
    async def join_quietly(context):
        await context.connection.join("tea")
        await context.reply(await context.connection.present_in("tea"))

    async with connected(register, headers=ANN) as client:
        await client.emit("join")

        assert await client.hear() == ("join", [])


@pytest.fixture
async def two(broker):
    """Two processes' parts in presence, with short leases."""
    async with Redis.from_url(broker.url, decode_responses=True) as client:
        parts = [Presence(client, broker.url, lease=0.15) for _ in range(2)]
        for part in parts:
            part.start()
        yield parts
        for part in parts:
            await part.stop()


async def until(part, expected):
    async with asyncio.timeout(3):
        while await part.of("tea") != expected:
            await asyncio.sleep(0.01)


async def test_a_person_stays_while_one_process_has_them(two):
    one, other = two
    await one.enter("tea", "7")
    await other.enter("tea", "7")
    await one.go("tea", "7")

    assert await one.of("tea") == ["7"]
    await other.go("tea", "7")
    assert await one.of("tea") == []


async def test_who_goes_while_the_coming_is_still_being_told_is_gone(two):
    one, _ = two
    entering = asyncio.create_task(one.enter("tea", "7"))
    await asyncio.sleep(0)

    await one.go("tea", "7")
    await entering

    assert await one.of("tea") == []


async def test_who_was_in_a_room_by_a_dead_process_leaves_it(two):
    one, other = two
    await one.enter("tea", "7")
    await other.enter("tea", "8")
    await asyncio.sleep(0.2)

    await one.stop()

    await until(other, ["8"])


async def test_a_process_buried_by_mistake_rises(two):
    one, other = two
    await one.enter("tea", "7")
    await one.stop()
    await until(other, [])

    one.start()

    await until(other, ["7"])


async def test_a_broker_that_lost_its_memory_is_told_again(two, broker):
    one, other = two
    await one.enter("tea", "7")

    async with Redis.from_url(broker.url) as client:
        await client.flushall()

    await until(other, ["7"])


async def test_what_the_broker_could_not_be_told_is_told_later(two, broker):
    one, other = two
    await one.enter("tea", "7")
    broker.stop()
    await one.go("tea", "7")
    await one.enter("tea", "8")
    assert await one.of("tea") == []

    broker.start()

    await until(other, ["8"])


async def test_nothing_goes_on_when_nobody_listens(register, broker):
    async with connected(register, headers=ANN) as client:
        await join(client)

    assert Hub.of_this_loop().presence._renewing is None
