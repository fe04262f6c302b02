"""Control messages and periodic checks of a process."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.test import Client as Browser
from pytest_django.fixtures import SettingsWrapper

from realtime.metrics import RealtimeCollector
from realtime.operations.control import call, notify, reports
from realtime.register import EventRegister
from realtime.rooms.hub import Hub
from realtime.tests import people
from realtime.tests.clients import connected
from realtime.tests.people import KEY


@pytest.fixture
def register() -> Any:
    made = EventRegister(anonymous=True)

    @made.on_event("join")
    async def join(context: Any) -> None:
        await context.connection.join(context.payload)
        await context.reply(context.connection.id)

    return made


async def until_received(name: Any = "nothing") -> None:
    """Wait until this process receives control messages."""
    async with asyncio.timeout(3):
        while not await sync_to_async(notify)(name):
            await asyncio.sleep(0.01)


@pytest.fixture
def revoked(settings: SettingsWrapper) -> Iterator[Any]:
    """A set of revoked keys, to which tests add."""
    settings.KEY_AUTHENTICATOR = "realtime.tests.people.owner_of_key"
    yield people.revoked
    people.revoked.clear()


async def test_a_process_reports_its_connections(register: Any, broker: Any) -> None:
    async with connected(register) as client:
        await client.emit("join", "tea")
        _, id = await client.hear()
        [report] = await sync_to_async(reports)("tea", limit=10)

    assert (report["connections"], report["people"], report["rooms"]) == (1, 0, [["tea", 1]])
    assert (report["received"], report["sent"], report["slow"], report["cut_off"]) == (1, 1, 0, 0)
    assert [(it["id"], it["rooms"]) for it in report["list"]] == [(id, ["tea"])]


async def test_a_search_finds_only_matching_connections(register: Any, broker: Any) -> None:
    async with connected(register) as client:
        await client.emit("join", "tea")
        await client.hear()
        [report] = await sync_to_async(reports)("coffee", limit=10)

    assert (report["found"], report["list"]) == (0, [])


async def test_an_event_can_be_sent_to_one_connection_which_can_be_closed(
    register: Any, broker: Any
) -> None:
    async with connected(register) as client:
        await client.emit("join", "tea")
        _, id = await client.hear()

        sent = await sync_to_async(call)("tell", connection=id, event="hint", payload={"n": 1})
        assert await client.hear() == ("hint", {"n": 1})
        closed = await sync_to_async(call)("close", connection=id)
        assert await client.hear_close() == 4403

    assert (sent, closed) == ([True], [True])


async def test_an_unknown_id_is_not_found(register: Any, broker: Any) -> None:
    async with connected(register):
        await until_received()

        assert await sync_to_async(call)("close", connection="zpt-0") == [False]


async def test_an_unknown_control_message_is_ignored(register: Any, broker: Any) -> None:
    async with connected(register) as client:
        await until_received("something.new")
        await client.emit("system.ping", 1)

        assert await client.hear() == ("system.pong", 1)


async def test_no_client_can_join_the_control_channel(broker: Any) -> None:
    register = EventRegister(anonymous=True)

    @register.on_join("*")
    async def anyone(context: Any, room: Any) -> bool:
        return True

    async with connected(register) as client:
        for room in ("svyaz:orders:0:", "orders:0:", "../orders"):
            await client.emit("system.join", {"room": room})
            assert (await client.hear())[0] == "system.joined"
        await sync_to_async(notify)("tell", connection="zpt-0", event="x", payload=None)

        assert await client.receive_nothing()


async def test_a_revoked_key_closes_its_connections(
    register: Any, broker: Any, revoked: Any
) -> None:
    headers = [(b"api-key", KEY.encode())]
    async with connected(register, headers=headers) as client, connected(register) as stranger:
        await until_received()
        revoked.add(KEY)

        await sync_to_async(notify)("look_again", person="7")

        assert await client.hear_close() == 4401
        await stranger.emit("system.ping")
        assert (await stranger.hear())[0] == "system.pong"


@pytest.mark.parametrize("setting", ["REALTIME_REVALIDATE_EVERY", "REALTIME_LOOK_EVERY"])
async def test_a_revoked_key_is_found_by_the_periodic_check(
    register: Any, broker: Any, revoked: Any, settings: SettingsWrapper, setting: str
) -> None:
    setattr(settings, setting, 0.05)
    async with connected(register, headers=[(b"api-key", KEY.encode())]) as client:
        revoked.add(KEY)

        assert await client.hear_close() == 4401


@pytest.mark.django_db(transaction=True)
async def test_a_sign_out_closes_the_connections_of_the_session(register: Any, broker: Any) -> None:
    person = await get_user_model().objects.acreate(username="ann")
    browser = Browser()
    await sync_to_async(browser.force_login)(person)
    session = browser.cookies[django_settings.SESSION_COOKIE_NAME].value
    cookie = f"{django_settings.SESSION_COOKIE_NAME}={session}".encode()

    async with connected(register, headers=[(b"cookie", cookie)]) as client:
        await client.emit("join", "tea")
        await client.hear()
        assert [it.user.pk for it in Hub.of_this_loop().connections] == [person.pk]

        await sync_to_async(browser.logout)()

        assert await client.hear_close() == 4401


async def test_metrics_cover_every_process(register: Any, broker: Any) -> None:
    async with connected(register):
        await until_received()
        families = await sync_to_async(lambda: list(RealtimeCollector().collect()))()

    samples = {sample.name: sample.value for it in families for sample in it.samples}
    assert samples["svyaz_realtime_connections"] == 1
    assert samples["svyaz_realtime_events_sent_total"] == 0
