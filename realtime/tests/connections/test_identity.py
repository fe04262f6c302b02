"""Authentication, rules for rooms, and limits on connections."""

import json
from typing import Any

import pytest
from django.apps import apps
from pytest_django.fixtures import SettingsWrapper

from realtime.connections.limits import Limits
from realtime.endpoints.websocket import EventConsumer
from realtime.errors import EventError
from realtime.register import EventRegister, signed_in
from realtime.rooms.hub import Hub
from realtime.tests.clients import Client, connected
from realtime.tests.people import KEY, ann


@pytest.fixture(autouse=True)
def _authenticator(settings: SettingsWrapper) -> None:
    settings.KEY_AUTHENTICATOR = "realtime.tests.people.owner_of_key"


@pytest.fixture
def register() -> Any:
    made = EventRegister()

    @made.on_event("who")
    async def who(context: Any) -> None:
        await context.reply(context.connection.user.pk)

    return made


def client_of(register: Any, limits: Any = None, **scope: Any) -> Any:
    client = Client(EventConsumer.as_asgi(register, limits or Limits()), "/ws")
    client.scope.update(scope)
    return client


async def ask_who(client: Any) -> Any:
    await client.emit("who")
    return await client.hear()


async def test_a_session_authenticates_a_connection(register: Any) -> None:
    client = client_of(register, user=ann())
    await client.connect()

    assert await ask_who(client) == ("who", 7)

    await client.disconnect()


async def test_without_the_sessions_app_the_cookie_is_ignored(
    settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apps, "is_installed", lambda name: name != "django.contrib.sessions")
    headers = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={'x' * 32}".encode())]
    register = EventRegister(anonymous=True)
    client = client_of(register, headers=headers)
    assert (await client.connect())[0]

    await client.emit("system.ping", 1)
    assert await client.hear() == ("system.pong", 1)
    await client.disconnect()


async def test_a_key_in_a_header_authenticates(register: Any) -> None:
    async with connected(register, headers=[(b"api-key", KEY.encode())]) as client:
        assert await ask_who(client) == ("who", 7)


async def test_a_key_in_a_subprotocol_authenticates(register: Any) -> None:
    client = client_of(register, subprotocols=[f"api-key.{KEY}", "zaptools"])

    assert await client.connect() == (True, "zaptools")
    assert await ask_who(client) == ("who", 7)

    await client.disconnect()


async def test_a_key_in_an_event_authenticates(register: Any) -> None:
    async with connected(register) as client:
        await client.emit("system.auth", {"api_key": KEY}, id=1)
        frame = json.loads(await client.receive_from(3))

        assert (frame["eventName"], frame["payload"]) == ("system.auth", {"id": 7})
        assert frame["headers"] == {"reply_to": 1}
        assert await ask_who(client) == ("who", 7)


@pytest.mark.parametrize(
    "key", ["wrong", "", "\0", 1, None, pytest.param("x" * 10_000, id="endless")]
)
async def test_an_invalid_key_closes_the_connection(
    register: Any, key: Any, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(register)
    await client.connect()

    await client.emit("system.auth", {"api_key": key})

    assert (await client.hear())[1]["code"] == "invalid_key"
    assert await client.hear_close() == 4401
    assert not caplog.records


async def test_an_invalid_key_in_the_handshake_closes_with_a_reason(register: Any) -> None:
    client = client_of(register, headers=[(b"api-key", b"wrong")])
    await client.connect()

    assert (await client.hear())[1]["code"] == "invalid_key"
    assert await client.hear_close() == 4401


async def test_clients_are_asked_to_authenticate(register: Any) -> None:
    async with connected(register) as client:
        name, payload = await ask_who(client)

    assert (name, payload["code"]) == ("error", "unauthorized")


async def test_clients_that_do_not_authenticate_are_disconnected(register: Any) -> None:
    client = client_of(register, Limits(identify_within=0.05))
    await client.connect()

    assert await client.hear_close() == 4401


async def test_authenticated_clients_stay_connected(register: Any) -> None:
    client = client_of(register, Limits(identify_within=0.5))
    await client.connect()

    await client.emit("system.auth", {"api_key": KEY})
    await client.hear()

    assert await client.receive_nothing(0.6)
    await client.disconnect()


async def test_connected_and_disconnected_are_fired_for_admitted_connections(register: Any) -> None:
    heard = []
    for name in ("connected", "disconnected"):

        @register.on_event(name)
        async def remember(context: Any) -> None:
            heard.append((context.event_name, context.connection.user.pk))

    async with connected(register):
        pass
    async with connected(register) as client:
        await client.emit("system.auth", {"api_key": KEY})
        await client.hear()

    assert heard == [("connected", 7), ("disconnected", 7)]


async def test_a_connection_can_authenticate_only_once(register: Any) -> None:
    async with connected(register, headers=[(b"api-key", KEY.encode())]) as client:
        await client.emit("system.auth", {"api_key": KEY})

        assert (await client.hear())[1]["code"] == "already_known"


async def test_signed_in_requires_an_authenticated_user() -> None:
    register = EventRegister(anonymous=True)

    @register.on_event("secret", permission=signed_in)
    async def secret(context: Any) -> None:
        await context.reply(42)

    async with connected(register) as client:
        await client.emit("secret")
        assert (await client.hear())[1]["code"] == "forbidden"

        await client.emit("system.auth", {"api_key": KEY})
        await client.hear()
        await client.emit("secret")
        assert await client.hear() == ("secret", 42)


async def test_connections_per_person_are_limited(register: Any) -> None:
    limits = Limits(connections_per_person=1)
    async with connected(register, limits, [(b"api-key", KEY.encode())]) as first:
        await ask_who(first)
        client = client_of(register, limits, user=ann())
        await client.connect()

        assert (await client.hear())[1]["code"] == "too_many_connections"
        assert await client.hear_close() == 4429

    assert not Hub.of_this_loop().places


async def test_connections_per_address_are_limited(register: Any) -> None:
    limits = Limits(connections_per_address=1)
    first = client_of(register, limits, client=["192.0.2.1", 1000])
    assert (await first.connect())[0]

    for address, may_enter in (("192.0.2.1", False), ("192.0.2.2", True)):
        client = client_of(register, limits, client=[address, 1001])
        assert (await client.connect())[0] is may_enter
        await client.disconnect()

    await first.disconnect()
    assert not Hub.of_this_loop().places


@pytest.fixture
def rooms(register: Any) -> Any:
    @register.on_join("team.*")
    async def members_only(context: Any, room: Any) -> Any:
        return room == f"team.{context.connection.user.pk}"

    return register


@pytest.mark.parametrize(
    ("room", "name", "answer"),
    [
        ("team.7", "system.joined", "team.7"),
        ("team.8", "error", "forbidden"),
        ("person.7", "system.joined", "person.7"),
        ("person.8", "error", "forbidden"),
        ("person.*", "error", "forbidden"),
        ("kitchen", "error", "forbidden"),
        ("", "error", "bad_payload"),
        (None, "error", "bad_payload"),
    ],
)
async def test_clients_join_only_rooms_with_a_rule(
    rooms: Any, broker: Any, room: Any, name: str, answer: str
) -> None:
    async with connected(rooms, headers=[(b"api-key", KEY.encode())]) as client:
        await client.emit("system.join", {"room": room})
        heard, payload = await client.hear()

    assert heard == name
    assert answer in (payload.get("room"), payload.get("code"))


async def test_anonymous_clients_have_no_private_room(broker: Any) -> None:
    async with connected(EventRegister(anonymous=True)) as client:
        await client.emit("system.join", {"room": "person.None"})

        assert (await client.hear())[1]["code"] == "forbidden"


async def test_rooms_per_connection_are_limited(register: Any, broker: Any) -> None:
    @register.on_event("join")
    async def join(context: Any) -> None:
        try:
            await context.connection.join(context.payload)
        except EventError as error:
            await context.reply(error.code)
        else:
            await context.reply("joined")

    limits = Limits(rooms_per_connection=1)
    async with connected(register, limits, [(b"api-key", KEY.encode())]) as client:
        for room, answer in (("a", "joined"), ("a", "joined"), ("b", "too_many_rooms")):
            await client.emit("join", room)
            assert await client.hear() == ("join", answer)
