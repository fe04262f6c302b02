"""The live line in the admin panel, as staff and as others see it."""

import pytest
from asgiref.sync import sync_to_async
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client as Browser
from django.urls import reverse

from realtime.register import EventRegister
from realtime.tests.clients import connected
from realtime.tests.test_caretaker import until_heard

PLACE = reverse("admin:realtime_connection_changelist")


@pytest.fixture
def register():
    made = EventRegister(anonymous=True)

    @made.on_event("join")
    async def join(context):
        await context.connection.join(context.payload)
        await context.reply(context.connection.id)

    return made


@pytest.fixture
def staff(db, django_user_model):
    return browser_of(django_user_model.objects.create_superuser("boss"))


def browser_of(person):
    browser = Browser()
    browser.force_login(person)
    return browser


async def shown(browser, **query):
    answer = await sync_to_async(browser.get)(PLACE, query)
    assert answer.status_code == 200
    return answer.content.decode()


async def post(browser, **form):
    return await sync_to_async(browser.post)(PLACE, form, follow=True)


async def in_tea(client):
    await client.emit("join", "tea")
    return (await client.hear())[1]


@pytest.mark.django_db(transaction=True)
async def test_staff_sees_connections_and_rooms(register, broker, staff):
    async with connected(register) as client:
        id = await in_tea(client)
        page = await shown(staff)
        other = await shown(staff, q="coffee")

    assert id in page
    assert "?q=tea" in page
    assert id not in other


@pytest.mark.django_db(transaction=True)
async def test_a_script_gets_the_state_alone(register, broker, staff):
    answer = await sync_to_async(staff.get)(PLACE, headers={"x-fragment": "1"})

    assert b"<html" not in answer.content
    assert b"svyaz-table" in answer.content


@pytest.mark.django_db(transaction=True)
async def test_staff_closes_a_connection_and_that_is_logged(register, broker, staff):
    async with connected(register) as client:
        id = await in_tea(client)
        await post(staff, close=id)

        assert await client.hear_close() == 4403

    entry = await LogEntry.objects.aget()
    assert (entry.object_id, entry.change_message) == (id, "closed")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("to", ["room", "connection"])
async def test_staff_sends_an_event_and_that_is_logged(register, broker, staff, to):
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
async def test_what_cannot_be_done_is_not_and_is_not_logged(register, broker, staff, form):
    async with connected(register) as client:
        await in_tea(client)
        answer = await post(staff, **form)

        assert await client.receive_nothing()

    assert answer.status_code == 200
    assert not await LogEntry.objects.aexists()


@pytest.mark.django_db(transaction=True)
async def test_who_may_only_look_can_do_nothing(register, broker, django_user_model):
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
def test_staff_without_the_permission_sees_nothing(django_user_model):
    browser = browser_of(django_user_model.objects.create(username="other", is_staff=True))

    assert browser.get(PLACE).status_code == 403


def test_the_page_says_that_the_broker_is_away(broker, staff):
    broker.stop()

    assert 'role="alert"' in staff.get(PLACE).content.decode()


@pytest.mark.django_db(transaction=True)
async def test_a_link_of_the_log_leads_to_the_connection(register, broker, staff):
    async with connected(register):
        await until_heard()
        answer = await sync_to_async(staff.get)(
            reverse("admin:realtime_connection_change", args=["zpt-0"])
        )

    assert answer.url == f"{PLACE}?q=zpt-0"


@pytest.mark.django_db(transaction=True)
async def test_what_was_done_is_in_the_history_of_a_connection_that_has_gone(
    register, broker, staff
):
    async with connected(register) as client:
        id = await in_tea(client)
        await post(staff, close=id)
        await client.hear_close()
    answer = await sync_to_async(staff.get)(reverse("admin:realtime_connection_history", args=[id]))

    assert answer.status_code == 200
    assert "boss" in answer.content.decode()
