"""The admin page of connections, with and without permissions."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client as Browser
from django.urls import reverse

from realtime.register import EventRegister
from realtime.tests.clients import connected
from realtime.tests.connections.test_supervisor import until_received

PLACE = reverse("admin:realtime_connection_changelist")


@pytest.fixture
def register() -> Any:
    made = EventRegister(anonymous=True)

    @made.on_event("join")
    async def join(context: Any) -> None:
        await context.connection.join(context.payload)
        await context.reply(context.connection.id)

    return made


@pytest.fixture
def staff(db: Any, django_user_model: Any) -> Any:
    return browser_of(django_user_model.objects.create_superuser("boss"))


def browser_of(person: Any) -> Any:
    browser = Browser()
    browser.force_login(person)
    return browser


async def shown(browser: Any, **query: Any) -> Any:
    answer = await sync_to_async(browser.get)(PLACE, query)
    assert answer.status_code == 200
    return answer.content.decode()


async def post(browser: Any, **form: Any) -> Any:
    return await sync_to_async(browser.post)(PLACE, form, follow=True)


async def in_tea(client: Any) -> Any:
    await client.emit("join", "tea")
    return (await client.hear())[1]


@pytest.mark.django_db(transaction=True)
async def test_staff_sees_connections_and_rooms(register: Any, broker: Any, staff: Any) -> None:
    async with connected(register) as client:
        id = await in_tea(client)
        page = await shown(staff)
        other = await shown(staff, q="coffee")

    assert id in page
    assert "?q=tea" in page
    assert id not in other


@pytest.mark.django_db(transaction=True)
async def test_the_script_receives_only_the_fragment(
    register: Any, broker: Any, staff: Any
) -> None:
    answer = await sync_to_async(staff.get)(PLACE, headers={"x-fragment": "1"})

    assert b"<html" not in answer.content
    assert b"svyaz-table" in answer.content


@pytest.mark.django_db(transaction=True)
async def test_closing_a_connection_is_logged(register: Any, broker: Any, staff: Any) -> None:
    async with connected(register) as client:
        id = await in_tea(client)
        await post(staff, close=id)

        assert await client.hear_close() == 4403

    entry = await LogEntry.objects.aget()
    assert (entry.object_id, entry.change_message) == (id, "closed")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("to", ["room", "connection"])
async def test_sending_an_event_is_logged(register: Any, broker: Any, staff: Any, to: str) -> None:
    async with connected(register) as client:
        id = await in_tea(client)
        name = "tea" if to == "room" else id
        await post(staff, to=to, name=name, event="hint", payload='{"n": 1}')

        assert await client.hear() == ("hint", {"n": 1})

    entry = await LogEntry.objects.aget()
    assert entry.change_message == "sent hint"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "form",
    [
        {"to": "room", "name": "", "event": "hint"},
        {"to": "room", "name": "tea", "event": "system.pong"},
        {"to": "room", "name": "tea", "event": "connected"},
        {"to": "room", "name": "tea", "event": "hint", "payload": "{"},
        {"to": "everybody", "name": "tea", "event": "hint"},
        {"to": "connection", "name": "zpt-0", "event": "hint"},
        {"close": "zpt-0"},
    ],
)
async def test_invalid_actions_are_neither_executed_nor_logged(
    register: Any, broker: Any, staff: Any, form: Any
) -> None:
    async with connected(register) as client:
        await in_tea(client)
        answer = await post(staff, **form)

        assert await client.receive_nothing()

    assert answer.status_code == 200
    assert not await LogEntry.objects.aexists()


@pytest.mark.django_db(transaction=True)
async def test_the_view_permission_allows_no_actions(
    register: Any, broker: Any, django_user_model: Any
) -> None:
    looker = await django_user_model.objects.acreate(username="looker", is_staff=True)
    may_view = await Permission.objects.aget(codename="view_connection")
    await looker.user_permissions.aadd(may_view)
    browser = await sync_to_async(browser_of)(looker)

    async with connected(register) as client:
        id = await in_tea(client)
        page = await shown(browser)
        answer = await post(browser, close=id)

        assert await client.receive_nothing()

    assert id in page
    assert 'name="close"' not in page
    assert answer.status_code == 403


@pytest.mark.django_db
def test_staff_without_a_permission_is_refused(django_user_model: Any) -> None:
    browser = browser_of(django_user_model.objects.create(username="other", is_staff=True))

    assert browser.get(PLACE).status_code == 403


def test_the_page_reports_that_redis_is_unavailable(broker: Any, staff: Any) -> None:
    broker.stop()

    assert 'role="alert"' in staff.get(PLACE).content.decode()


@pytest.mark.django_db(transaction=True)
async def test_the_log_links_to_the_connection(register: Any, broker: Any, staff: Any) -> None:
    async with connected(register):
        await until_received()
        answer = await sync_to_async(staff.get)(
            reverse("admin:realtime_connection_change", args=["zpt-0"])
        )

    assert answer.url == f"{PLACE}?q=zpt-0"


@pytest.mark.django_db(transaction=True)
async def test_the_history_of_a_closed_connection_is_shown(
    register: Any, broker: Any, staff: Any
) -> None:
    async with connected(register) as client:
        id = await in_tea(client)
        await post(staff, close=id)
        await client.hear_close()
    answer = await sync_to_async(staff.get)(reverse("admin:realtime_connection_history", args=[id]))

    assert answer.status_code == 200
    assert "boss" in answer.content.decode()
