import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_django.fixtures import SettingsWrapper
from redis.asyncio import Redis

from realtime.register import EventRegister
from realtime.rooms.hub import Hub
from realtime.rooms.presence import Presence
from realtime.tests.clients import connected
from realtime.tests.people import KEY

ANN = [(b"api-key", KEY.encode())]


@pytest.fixture
def register(settings: SettingsWrapper) -> Any:
    settings.KEY_AUTHENTICATOR = "realtime.tests.people.owner_of_key"
    made = EventRegister(anonymous=True)

    @made.on_join("*", presence=True)
    async def anyone(context: Any, room: Any) -> bool:
        return True

    return made


async def join(client: Any) -> Any:
    await client.emit("system.join", {"room": "tea"})
    while (heard := await client.hear())[0] != "system.joined":
        pass
    return heard[1]["present"]


async def test_presence_is_announced_once_per_person(register: Any, broker: Any) -> None:
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


async def test_a_room_without_presence_announces_nothing(register: Any, broker: Any) -> None:
    register = EventRegister(anonymous=True)

    @register.on_event("join")
    async def join_quietly(context: Any) -> None:
        await context.connection.join("tea")
        await context.reply(await context.connection.present_in("tea"))

    async with connected(register, headers=ANN) as client:
        await client.emit("join")

        assert await client.hear() == ("join", [])


@pytest.fixture
async def two(broker: Any) -> AsyncIterator[Any]:
    """Two processes' parts in presence, with short leases."""
    async with Redis.from_url(broker.url, decode_responses=True) as client:
        parts = [Presence(client, broker.url, lease=0.15) for _ in range(2)]
        for part in parts:
            part.start()
        yield parts
        for part in parts:
            await part.stop()


async def until(part: Any, expected: Any) -> None:
    async with asyncio.timeout(3):
        while await part.of("tea") != expected:
            await asyncio.sleep(0.01)


async def test_a_person_is_present_while_one_process_has_a_connection(two: Any) -> None:
    one, other = two
    await one.enter("tea", "7")
    await other.enter("tea", "7")
    await one.leave("tea", "7")

    assert await one.of("tea") == ["7"]
    await other.leave("tea", "7")
    assert await one.of("tea") == []


async def test_leaving_during_a_pending_enter_leaves(two: Any) -> None:
    one, _ = two
    entering = asyncio.create_task(one.enter("tea", "7"))
    await asyncio.sleep(0)

    await one.leave("tea", "7")
    await entering

    assert await one.of("tea") == []


async def test_people_of_a_dead_process_leave(two: Any) -> None:
    one, other = two
    await one.enter("tea", "7")
    await other.enter("tea", "8")
    await asyncio.sleep(0.2)

    await one.stop()

    await until(other, ["8"])


async def test_a_process_that_was_taken_for_dead_records_its_people_again(two: Any) -> None:
    one, other = two
    await one.enter("tea", "7")
    await one.stop()
    await until(other, [])

    one.start()

    await until(other, ["7"])


async def test_people_are_recorded_again_after_redis_lost_its_data(two: Any, broker: Any) -> None:
    one, other = two
    await one.enter("tea", "7")

    async with Redis.from_url(broker.url) as client:
        await client.flushall()

    await until(other, ["7"])


async def test_changes_during_an_outage_are_recorded_later(two: Any, broker: Any) -> None:
    one, other = two
    await one.enter("tea", "7")
    broker.stop()
    await one.leave("tea", "7")
    await one.enter("tea", "8")
    assert await one.of("tea") == []

    broker.start()

    await until(other, ["8"])


async def test_the_lease_is_not_renewed_without_connections(register: Any, broker: Any) -> None:
    async with connected(register, headers=ANN) as client:
        await join(client)

    assert Hub.of_this_loop().presence._renewal is None


def test_the_event_loop_ends_although_redis_py_suppresses_a_cancellation() -> None:
    async def renew(**_: Any) -> int:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(30)
        return 0

    async def serve() -> None:
        client: Any = FakeRedis(renew)
        Presence(client, "redis://nowhere").start()
        await asyncio.sleep(0)  # the server ends without stopping the hub

    serving = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    serving.start()
    serving.join(10)

    assert not serving.is_alive()


class FakeRedis:
    """A client whose scripts are all the same function."""

    def __init__(self, script: Any) -> None:
        self._script = script

    def register_script(self, text: str) -> Any:
        return self._script
