"""The subscription of a process is restored after any failure."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from pytest_django.fixtures import SettingsWrapper
from redis import Redis

from realtime.actions import apublish, seconds_interrupted
from realtime.metrics import RealtimeCollector
from realtime.register import EventRegister
from realtime.rooms.hub import Hub
from realtime.rooms.subscription import Subscription
from realtime.tests.clients import connected
from realtime.wire.keys import history_key, room_channel


@pytest.fixture
def register() -> Any:
    made = EventRegister(anonymous=True)

    @made.on_join("*")
    async def anyone(context: Any, room: Any) -> bool:
        return True

    return made


async def join(client: Any, room: Any = "tea") -> None:
    await client.emit("system.join", {"room": room})
    assert (await client.hear())[0] == "system.joined"


async def test_any_exception_restarts_the_subscription_and_reports_a_gap(
    broker: Any, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []
    resumed: list[str] = []
    faults = [RuntimeError("bug"), KeyError("bug")]

    def hear(channel: str, message: str) -> None:
        if faults:
            raise faults.pop()
        heard.append(message)

    subscription = Subscription(broker.url, hear, resumed.append)
    await subscription.subscribe("tea")
    with Redis.from_url(broker.url) as client:
        async with asyncio.timeout(5):
            while not heard:
                client.publish("tea", "hello")
                await asyncio.sleep(0.05)
    await subscription.unsubscribe("tea")

    assert subscription.restarts == 2
    assert resumed == ["tea", "tea"]
    assert "restarted" in caplog.text


async def test_a_channel_name_that_cannot_be_sent_does_not_end_the_subscription(
    broker: Any, caplog: pytest.LogCaptureFixture
) -> None:
    subscription = Subscription(broker.url, lambda channel, message: None, lambda channel: None)
    await subscription.subscribe("tea")
    bad = asyncio.create_task(subscription.subscribe("\ud800"))
    await asyncio.sleep(0.1)

    await subscription.unsubscribe("\ud800")
    await bad
    async with asyncio.timeout(5):
        await subscription.subscribe("coffee")
        while subscription.interrupted_for:
            await asyncio.sleep(0.01)
    for channel in ("tea", "coffee"):
        await subscription.unsubscribe(channel)

    assert subscription.restarts >= 1


async def test_a_room_name_of_invalid_unicode_does_not_affect_other_clients(
    register: Any, broker: Any
) -> None:
    async with connected(register) as attacker, connected(register) as victim:
        await join(victim)
        await attacker.emit("system.join", {"room": "\ud800"})
        assert (await attacker.hear())[0] == "error"

        await apublish("poured", 1, "tea")
        assert await victim.hear() == ("poured", 1)
        await join(attacker, "coffee")


async def test_malformed_messages_on_a_channel_are_ignored(register: Any, broker: Any) -> None:
    async with connected(register) as client:
        await join(client)
        url = broker.url
        with Redis.from_url(url) as other:
            for message in (b"no event", b"x-y\nframe", b"\xff\xfe", b"1-1-1\n{}", b""):
                other.publish(room_channel("tea", url), message)
        await apublish("poured", 1, "tea")
        async with asyncio.timeout(5):
            while await client.hear(5) != ("poured", 1):
                pass


@pytest.mark.parametrize("prefix", [None, "", "acme", "acme:live:1"])
async def test_events_arrive_with_any_redis_prefix(
    register: Any, broker: Any, settings: SettingsWrapper, prefix: Any
) -> None:
    if prefix is None:  # as in another project
        del settings.REDIS_PREFIX
    else:
        settings.REDIS_PREFIX = prefix
    async with connected(register) as client:
        await join(client, "tea:green")
        await apublish("poured", 1, "tea:green")
        assert await client.hear() == ("poured", 1)


async def test_a_history_with_foreign_entries_counts_as_lost(register: Any, broker: Any) -> None:
    async with connected(register) as client:
        await client.emit("system.join", {"room": "tea"})
        _, start = await client.hear()
        with Redis.from_url(broker.url) as other:
            other.xadd(history_key("tea", broker.url), {b"head": b"\xff"})
        await client.emit("system.join", {"room": "tea", "since": start["offset"]})
        name, answer = await client.hear()

    assert (name, answer["complete"]) == ("system.joined", False)


async def test_a_malformed_control_message_is_logged_and_ignored(
    register: Any, broker: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(register) as client:
        await join(client)
        hub = Hub.of_this_loop()
        for order in ("{", "[]", "7", '{"name": "close"}', '{"name": []}'):
            hub._supervisor.execute(order)
        await client.emit("system.ping")
        assert (await client.hear())[0] == "system.pong"

    assert "malformed" in caplog.text


async def test_restarts_and_interruptions_are_measured(register: Any, broker: Any) -> None:
    async with connected(register) as client:
        await join(client)
        hub = Hub.of_this_loop()
        assert hub.interrupted_for == 0
        broker.stop()
        async with asyncio.timeout(5):
            while not hub.interrupted_for:
                await asyncio.sleep(0.01)
        families = await sync_to_async(lambda: list(RealtimeCollector().collect()))()

    samples = {sample.name: sample.value for it in families for sample in it.samples}
    assert samples["svyaz_realtime_subscription_interrupted_seconds"] > 0
    assert samples["svyaz_realtime_subscription_restarts_total"] == 0


async def test_an_interruption_is_reported_to_the_health_check(register: Any, broker: Any) -> None:
    assert seconds_interrupted() == 0
    async with connected(register) as client:
        await join(client)
        broker.stop()
        async with asyncio.timeout(5):
            while not seconds_interrupted():
                await asyncio.sleep(0.01)

    assert seconds_interrupted() == 0  # without connections
