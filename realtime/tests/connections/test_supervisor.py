"""What every process does at the word of another, and by itself."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.test import Client as Browser

from realtime.hub import Hub
from realtime.metrics import LiveLine
from realtime.orders import ask, order, reports
from realtime.register import EventRegister
from realtime.tests import people
from realtime.tests.clients import connected
from realtime.tests.people import KEY


@pytest.fixture
def register():
    made = EventRegister(anonymous=True)

    @made.on_event("join")
    async def join(context):
        await context.connection.join(context.payload)
        await context.reply(context.connection.id)

    return made


async def until_heard(order_name="nothing"):
    """Wait until this process listens to orders."""
    async with asyncio.timeout(3):
        while not await sync_to_async(order)(order_name):
            await asyncio.sleep(0.01)


@pytest.fixture
def revoked(settings):
    """Keys that are good no more; add to them."""
    settings.KEY_AUTHENTICATOR = "realtime.tests.people.owner_of_key"
    yield people.revoked
    people.revoked.clear()


async def test_a_process_reports_what_it_serves(register, broker):
    async with connected(register) as client:
        await client.emit("join", "tea")
        _, id = await client.hear()
        [report] = await sync_to_async(reports)("tea", most=10)

    assert (report["connections"], report["people"], report["rooms"]) == (1, 0, [["tea", 1]])
    assert (report["heard"], report["told"], report["slow"], report["cut_off"]) == (1, 1, 0, 0)
    assert [(it["id"], it["rooms"]) for it in report["list"]] == [(id, ["tea"])]


async def test_a_search_finds_no_others(register, broker):
    async with connected(register) as client:
        await client.emit("join", "tea")
        await client.hear()
        [report] = await sync_to_async(reports)("coffee", most=10)

    assert (report["found"], report["list"]) == (0, [])


async def test_one_connection_can_be_told_something_and_closed(register, broker):
    async with connected(register) as client:
        await client.emit("join", "tea")
        _, id = await client.hear()

        told = await sync_to_async(ask)("tell", connection=id, event="hint", payload={"n": 1})
        assert await client.hear() == ("hint", {"n": 1})
        closed = await sync_to_async(ask)("close", connection=id)
        assert await client.hear_close() == 4403

    assert (told, closed) == ([True], [True])


async def test_nobody_is_found_under_an_id_that_there_is_not(register, broker):
    async with connected(register):
        await until_heard()

        assert await sync_to_async(ask)("close", connection="zpt-0") == [False]


async def test_an_order_of_another_version_is_ignored(register, broker):
    async with connected(register) as client:
        await until_heard("something.new")
        await client.emit("system.ping", 1)

        assert await client.hear() == ("system.pong", 1)


async def test_no_client_can_join_where_orders_go(broker):
    register = EventRegister(anonymous=True)

    @register.on_join("*")
    async def anyone(context, room):
        return True

    async with connected(register) as client:
        for room in ("orders:svyaz:0:", "svyaz:0:", "../orders"):
            await client.emit("system.join", {"room": room})
            assert (await client.hear())[0] == "system.joined"
        await sync_to_async(order)("tell", connection="zpt-0", event="x", payload=None)

        assert await client.receive_nothing()


async def test_a_key_that_is_revoked_closes_what_it_opened(register, broker, revoked):
    headers = [(b"api-key", KEY.encode())]
    async with connected(register, headers=headers) as client, connected(register) as stranger:
        await until_heard()
        revoked.add(KEY)

        await sync_to_async(order)("look_again", person="7")

        assert await client.hear_close() == 4401
        await stranger.emit("system.ping")
        assert (await stranger.hear())[0] == "system.pong"


async def test_what_nobody_told_of_is_found_on_the_next_round(register, broker, revoked, settings):
    settings.REALTIME_LOOK_EVERY = 0.05
    async with connected(register, headers=[(b"api-key", KEY.encode())]) as client:
        revoked.add(KEY)

        assert await client.hear_close() == 4401


@pytest.mark.django_db(transaction=True)
async def test_signing_out_closes_what_the_session_opened(register, broker):
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


async def test_prometheus_is_told_of_every_process(register, broker):
    async with connected(register):
        await until_heard()
        families = await sync_to_async(lambda: list(LiveLine().collect()))()

    samples = {sample.name: sample.value for it in families for sample in it.samples}
    assert samples["svyaz_realtime_connections"] == 1
    assert samples["svyaz_realtime_told_total"] == 0
