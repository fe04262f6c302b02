"""The resources of a hub start and stop as connections come and go, however closely together."""

import asyncio
import random
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import SettingsWrapper

from realtime.connections.tasks import cancel
from realtime.endpoints.websocket import EventConsumer
from realtime.operations.control import call
from realtime.register import EventRegister
from realtime.rooms.hub import Hub
from realtime.rooms.lifecycle import Lifecycle
from realtime.tests.clients import Client, connected
from realtime.tests.people import KEY

ANN = [(b"api-key", KEY.encode())]


class Resource:
    """Counts how often it was started and stopped, and fails if that overlaps."""

    def __init__(self, stop_turns: int) -> None:
        self.changes = 0
        self._stop_turns = stop_turns

    @property
    def is_running(self) -> bool:
        return self.changes % 2 == 1

    def start(self) -> None:
        assert not self.is_running
        self.changes += 1

    async def stop(self) -> None:
        assert self.is_running
        for _ in range(self._stop_turns):
            await asyncio.sleep(0)
        self.changes += 1


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12),
    st.integers(0, 5),
)
@settings(max_examples=200, deadline=None)
def test_resources_run_while_there_are_users_and_stop_after_the_last(
    visits: Any, stop_turns: Any
) -> None:
    """Each visit is the number of turns before it and its length."""

    async def visit(lifecycle: Lifecycle, resource: Resource, before: int, length: int) -> None:
        for _ in range(before):
            await asyncio.sleep(0)
        lifecycle.acquire()
        for _ in range(length):
            await asyncio.sleep(0)
        await lifecycle.release()

    async def race() -> None:
        resource = Resource(stop_turns)
        lifecycle = Lifecycle(resource.start, resource.stop)
        await asyncio.gather(*(visit(lifecycle, resource, *each) for each in visits))
        assert resource.changes % 2 == 0  # stopped as often as started
        lifecycle.acquire()
        assert resource.changes % 2 == 1
        await lifecycle.release()
        assert resource.changes % 2 == 0

    asyncio.run(race())


async def test_a_user_that_arrives_during_the_stop_gets_running_resources() -> None:
    resource = Resource(stop_turns=3)
    lifecycle = Lifecycle(resource.start, resource.stop)
    lifecycle.acquire()
    leaving = asyncio.create_task(lifecycle.release())
    await asyncio.sleep(0)

    lifecycle.acquire()
    await leaving

    assert resource.is_running
    await lifecycle.release()


async def test_a_stop_that_fails_is_logged_and_does_not_prevent_the_next_start(
    caplog: pytest.LogCaptureFixture,
) -> None:
    starts = []

    async def fail() -> None:
        raise OSError("away")

    lifecycle = Lifecycle(lambda: starts.append(1), fail)
    for _ in range(2):
        lifecycle.acquire()
        await lifecycle.release()

    assert starts == [1, 1]
    assert "away" in caplog.text


async def test_a_cancellation_that_was_dropped_is_repeated() -> None:
    async def be_stubborn() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                await asyncio.sleep(60)

    task = asyncio.create_task(be_stubborn())
    await asyncio.sleep(0)

    async with asyncio.timeout(2):
        await cancel(task)

    assert task.done()


@pytest.mark.parametrize("seed", range(4))
async def test_connections_that_close_as_others_open_lose_nothing(
    broker: Any, settings: SettingsWrapper, seed: Any
) -> None:
    """0-2 ms apart: the control channel, presence and `disconnected` must survive."""
    settings.KEY_AUTHENTICATOR = "realtime.tests.people.owner_of_key"
    chance = random.Random(seed)
    register = EventRegister(anonymous=True)
    fired = {"connected": 0, "disconnected": 0}

    for name in fired:

        @register.on_event(name)
        async def count(context: Any) -> None:
            fired[context.event_name] += 1

    @register.on_join("*", presence=True)
    async def anyone(context: Any, room: Any) -> bool:
        return True

    endpoint = EventConsumer.as_asgi(register)
    last: Client | None = None
    for _ in range(30):
        client = Client(endpoint, "/ws", ANN)
        opening = asyncio.create_task(client.connect())
        await asyncio.sleep(chance.uniform(0, 0.002))
        if last is not None:
            await last.disconnect(timeout=10)
        await opening
        await client.emit("system.join", {"room": "tea"})
        await asyncio.sleep(chance.uniform(0, 0.002))
        last = client

    assert last is not None
    await last.emit("system.join", {"room": "tea"})
    await last.emit("system.ping", "done")
    joined = 0
    while joined < 2:
        joined += (await last.hear(5))[0] == "system.joined"
    async with asyncio.timeout(5):  # the control channel is subscribed in the background
        while not (reports := await sync_to_async(call)("report", search="", most=1)):
            await asyncio.sleep(0.01)
    hub = Hub.of_this_loop()
    await asyncio.sleep(0.1)

    assert [report["connections"] for report in reports] == [1]
    assert await hub.presence.of("tea") == ["7"]
    await last.disconnect(timeout=10)
    assert fired == {"connected": 30, "disconnected": 30}
    assert await hub.presence.of("tea") == []
    assert not hub.connections


async def test_a_room_that_is_left_and_joined_again_at_once_is_received(
    broker: Any, settings: SettingsWrapper
) -> None:
    settings.KEY_AUTHENTICATOR = "realtime.tests.people.owner_of_key"
    register = EventRegister(anonymous=True)

    @register.on_join("*", presence=True)
    async def anyone(context: Any, room: Any) -> bool:
        return True

    async with connected(register, headers=ANN) as client:
        for _ in range(20):
            await client.emit("system.join", {"room": "tea"})
            await client.emit("system.leave", {"room": "tea"})
        await client.emit("system.join", {"room": "tea"}, id="last")
        await client.emit("system.ping")
        hub = Hub.of_this_loop()
        async with asyncio.timeout(5):
            while (await client.hear())[0] != "system.pong":
                pass
            await asyncio.sleep(0.2)
        (connection,) = hub.connections

        assert connection.rooms == {"tea"}
        assert dict(hub.largest_rooms(5)) == {"tea": 1}
