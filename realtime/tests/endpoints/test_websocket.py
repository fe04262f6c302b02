import asyncio
import json
import time
from typing import Any

import pytest
from channels.testing import HttpCommunicator, WebsocketCommunicator
from django.contrib.auth import get_user_model
from pytest_django.fixtures import SettingsWrapper

from realtime.connections.limits import Limits
from realtime.endpoints.websocket import EventConsumer
from realtime.errors import EventError
from realtime.register import EventRegister
from realtime.rooms.hub import Hub
from realtime.tests.clients import Client, connected
from realtime.tests.people import KEY


@pytest.fixture
def register() -> Any:
    made = EventRegister(anonymous=True)

    @made.on_event("echo")
    async def echo(context: Any) -> None:
        await context.connection.send("echo", context.payload, context.headers)

    @made.on_event("fail")
    async def fail(context: Any) -> None:
        raise RuntimeError("a secret detail")

    return made


async def test_an_event_is_answered_by_its_handler(register: Any) -> None:
    async with connected(register) as client:
        await client.emit("echo", [1, "два", None])

        assert await client.hear() == ("echo", [1, "два", None])


async def test_a_connection_has_an_id_like_zaptools_and_a_user(register: Any) -> None:
    seen = []

    @register.on_event("connected")
    async def remember(context: Any) -> None:
        seen.append(context.connection)

    async with connected(register):
        await asyncio.sleep(0)

    assert seen[0].id.startswith("zpt-")
    assert seen[0].user.is_anonymous


async def test_connected_and_disconnected_are_fired(register: Any) -> None:
    heard = []
    for name in ("connected", "disconnected"):

        @register.on_event(name)
        async def remember(context: Any) -> None:
            heard.append(context.event_name)

    async with connected(register) as client:
        await client.emit("echo")
        await client.hear()
        assert heard == ["connected"]

    assert heard == ["connected", "disconnected"]


async def test_an_unknown_event_is_ignored(register: Any) -> None:
    async with connected(register) as client:
        await client.emit("tea.unknown")
        await client.emit("echo")

        assert await client.hear() == ("echo", None)


async def test_registers_are_independent(register: Any) -> None:
    async with connected(EventRegister(anonymous=True)) as client:
        await client.emit("echo")

        assert await client.receive_nothing()


async def test_a_second_handler_replaces_the_first_with_a_warning(
    register: Any, caplog: pytest.LogCaptureFixture
) -> None:
    @register.on_event("echo")
    async def another(context: Any) -> None:
        await context.connection.send("echo", "another")

    async with connected(register) as client:
        await client.emit("echo")
        heard = await client.hear()
        assert await client.receive_nothing(0.05)

    assert heard == ("echo", "another")
    assert "echo" in caplog.text
    assert "another" in caplog.text


async def test_a_slow_handler_does_not_delay_other_events(register: Any) -> None:
    @register.on_event("sleep")
    async def sleep(context: Any) -> None:
        await asyncio.Event().wait()

    async with connected(register, Limits(close_within=0.05)) as client:
        await client.emit("sleep")
        await client.emit("echo")

        assert await client.hear() == ("echo", None)


async def test_more_events_than_can_wait_are_refused(register: Any) -> None:
    @register.on_event("sleep")
    async def sleep(context: Any) -> None:
        await asyncio.Event().wait()

    limits = Limits(handlers_at_once=1, events_waiting=1, close_within=0.05)
    async with connected(register, limits) as client:
        for _ in range(3):
            await client.emit("sleep")

        _, payload = await client.hear()

    assert payload["code"] == "busy"


async def test_a_failure_is_reported_without_its_details(
    register: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(register) as client:
        await client.emit("fail")
        name, payload = await client.hear()

    assert name == "error"
    assert payload["code"] == "internal"
    assert "secret" not in str(payload)
    assert "a secret detail" in caplog.text


async def test_a_failure_that_a_handler_of_error_took_is_not_sent_to_the_client(
    register: Any,
) -> None:
    @register.on_event("error")
    async def remember(context: Any) -> None:
        await context.connection.send("taken", context.payload)

    async with connected(register) as client:
        await client.emit("fail")
        heard = await client.hear()
        assert await client.receive_nothing(0.05)

    reason = "RuntimeError: a secret detail"
    assert heard == ("taken", {"event": "fail", "reason": reason})


async def test_a_failure_is_sent_to_the_client_if_the_handler_of_error_failed_too(
    register: Any,
) -> None:
    @register.on_event("error")
    async def fail_too(context: Any) -> None:
        raise ZeroDivisionError

    async with connected(register) as client:
        await client.emit("fail")
        name, payload = await client.hear()

    assert (name, payload["code"], payload["event"]) == ("error", "internal", "fail")


async def test_an_event_error_is_sent_even_with_a_handler_of_error(register: Any) -> None:
    @register.on_event("refuse")
    async def refuse(context: Any) -> None:
        raise EventError("sold_out", "There is no more tea.")

    @register.on_event("error")
    async def never(context: Any) -> None:
        await context.connection.send("taken")

    async with connected(register) as client:
        await client.emit("refuse")
        name, payload = await client.hear()

    assert (name, payload["code"]) == ("error", "sold_out")


async def test_headers_are_absent_when_a_handler_gave_none(register: Any) -> None:
    @register.on_event("plain")
    async def plain(context: Any) -> None:
        await context.connection.send(event_name="plain", payload=None)
        await context.reply("replied")

    async with connected(register) as client:
        await client.emit("plain")
        frames = [json.loads(await client.receive_from(3)) for _ in range(2)]

    assert frames == [
        {"eventName": "plain", "payload": None},
        {"eventName": "plain", "payload": "replied"},
    ]


ODD_VALUES = [
    "1e999",
    "-1e999",
    "18446744073709551616",
    "-" + "9" * 400,
    '"\\ud800"',
    "[" * 99 + "]" * 99,
    "[" * 980 + "]" * 980,
    '{"a":' * 300 + "1" + "}" * 300,
    "[1e999, 18446744073709551616]",
    '["\\udfff", 1e400]',
    '{"\\ud800": 1}',
    '"\\u0000"',
]


@pytest.mark.parametrize("value", ODD_VALUES, ids=range(len(ODD_VALUES)))
@pytest.mark.parametrize(
    "frame",
    [
        '{"eventName": "system.ping", "payload": %s}',
        '{"eventName": "echo", "payload": %s}',
        '{"eventName": "unknown", "payload": 1, "headers": {"id": %s}}',
        '{"eventName": "system.pong", "headers": {"id": %s}}',
        '{"eventName": "system.join", "payload": {"room": %s}}',
        '{"eventName": "system.auth", "payload": {"api_key": %s}}',
    ],
)
async def test_every_frame_gets_a_reply_or_an_error(register: Any, frame: str, value: Any) -> None:
    client = Client(EventConsumer.as_asgi(register), "/ws")
    await client.connect()
    await client.send_to(text_data=frame % value)
    await client.emit("system.ping", "after")

    answers = []
    while ["system.pong", "after"] not in answers:
        message = await client.receive_output(3)
        if message["type"] == "websocket.close":
            assert message["code"] == 4401  # only an invalid key closes the connection
            assert message["reason"]
            break
        event = json.loads(message["text"])
        answers.append([event["eventName"], event.get("payload")])
    await client.disconnect()


async def test_an_api_key_that_is_no_valid_unicode_is_an_invalid_key(
    register: Any, settings: SettingsWrapper
) -> None:
    settings.KEY_AUTHENTICATOR = "realtime.tests.people.owner_of_key"
    for key in ("\ud800", "a\0b", "\n", 5, None, "я" * 10_000):
        client = Client(EventConsumer.as_asgi(register), "/ws")
        await client.connect()
        await client.emit("system.auth", {"api_key": key})

        assert await client.hear_close() == 4401


@pytest.mark.parametrize(
    "room", ["\ud800", "a\nb", "\0", "x" * 201, "", " \t", None, 5, ["tea"], "\x7f", "\x85"]
)
async def test_an_invalid_room_name_is_refused(register: Any, broker: Any, room: Any) -> None:
    @register.on_join("*")
    async def anyone(context: Any, room: Any) -> bool:
        return True

    async with connected(register) as client:
        await client.emit("system.join", {"room": room})
        name, payload = await client.hear()

    assert (name, payload["code"]) == ("error", "bad_payload")
    assert "room" in payload["fields"]


async def test_the_error_for_a_forbidden_room_names_a_room(register: Any) -> None:
    async with connected(register) as client:
        await client.emit("system.join", {"room": "secret"})
        _, payload = await client.hear()

    assert (payload["code"], payload["message"]) == ("forbidden", "You may not join this room.")


async def test_an_invalid_close_code_raises_in_the_handler(register: Any) -> None:
    @register.on_event("close")
    async def close(context: Any) -> None:
        await context.connection.close(context.payload)

    async with connected(register) as client:
        for code in (0, 999, 1005, 1006, 2000, 5000, 99999):
            await client.emit("close", code)
            name, payload = await client.hear()
            assert (name, payload["code"]) == ("error", "internal")


async def test_a_close_that_fails_leaves_the_connection_open(register: Any) -> None:
    @register.on_event("close")
    async def close(context: Any) -> None:
        await context.connection.close(4000, context.payload)

    async with connected(register) as client:
        await client.emit("close", 7)
        assert (await client.hear())[1]["code"] == "internal"
        await client.emit("echo", "still here")
        assert await client.hear() == ("echo", "still here")


async def test_a_close_carries_the_reason(register: Any) -> None:
    client = Client(EventConsumer.as_asgi(register, Limits(offences_at_once=1)), "/ws")
    await client.connect()
    for _ in range(2):
        await client.send_to(text_data="{")

    while (message := await client.receive_output(3))["type"] != "websocket.close":
        pass
    await client.wait(3)

    assert (message["code"], message["reason"]) == (4400, "The frame is not JSON.")


async def test_a_failure_of_the_server_ends_with_a_close_frame(
    register: Any, settings: SettingsWrapper
) -> None:
    settings.KEY_AUTHENTICATOR = "realtime.tests.people.no_such_function"
    client = Client(EventConsumer.as_asgi(register), "/ws", [(b"api-key", b"x")])
    await client.connect()

    while (message := await client.receive_output(3))["type"] != "websocket.close":
        pass
    await client.wait(3)

    assert (message["code"], message["reason"]) == (4500, "The server failed; its log says why.")


class Denied(WebsocketCommunicator):
    """A client of a server with the extension for HTTP responses to handshakes, like uvicorn."""

    def __init__(self, application: Any, headers: Any = None, address: Any = "10.0.0.1") -> None:
        super().__init__(application, "/ws", headers)
        self.scope["extensions"] = {"websocket.http.response": {}}
        self.scope["client"] = (address, 1)

    async def open(self) -> Any:
        """Return the status and the body, or None if the connection was accepted."""
        await self.send_input({"type": "websocket.connect"})
        message = await self.receive_output(3)
        if message["type"] == "websocket.accept":
            return None
        body = await self.receive_output(3)
        await self.wait(3)
        return message["status"], json.loads(body["body"])


async def test_more_connections_than_an_address_may_have_are_refused_with_the_reason(
    register: Any, settings: SettingsWrapper
) -> None:
    settings.REALTIME_MAX_CONNECTIONS_PER_ADDRESS = 2
    endpoint = EventConsumer.as_asgi(register)
    clients = [Denied(endpoint) for _ in range(2)]
    assert [await client.open() for client in clients] == [None, None]

    status, body = await Denied(endpoint).open()
    elsewhere = Denied(endpoint, address="10.0.0.2")

    assert (status, body["code"]) == (429, "too_many_connections")
    assert body["message"] == (
        "Too many connections from this address (limit 2)."
        " Close some or raise REALTIME_MAX_CONNECTIONS_PER_ADDRESS."
    )
    assert await elsewhere.open() is None
    await clients[0].disconnect()
    again = Denied(endpoint)
    assert await again.open() is None
    for client in (clients[1], elsewhere, again):
        await client.disconnect()


async def test_authenticated_users_do_not_count_towards_their_address(
    register: Any, settings: SettingsWrapper
) -> None:
    settings.KEY_AUTHENTICATOR = "realtime.tests.people.owner_of_key"
    endpoint = EventConsumer.as_asgi(register, Limits(connections_per_address=1))
    stranger = Denied(endpoint)
    assert await stranger.open() is None

    known = [Denied(endpoint, [(b"api-key", KEY.encode())]) for _ in range(3)]

    assert [await client.open() for client in known] == [None] * 3
    assert (await Denied(endpoint).open())[0] == 429
    for client in (stranger, *known):
        await client.disconnect()


async def test_an_http_request_gets_upgrade_required(register: Any) -> None:
    client = HttpCommunicator(EventConsumer.as_asgi(register), "GET", "/ws")

    response = await client.get_response()

    assert response["status"] == 426


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "bad_json"),
        ('{"eventName": "echo", "payload": NaN}', "bad_json"),
        ("[" * 60_000, "bad_json"),
        ("[]", "bad_frame"),
        ("{}", "bad_frame"),
        ('{"eventName": 1}', "bad_frame"),
        ('{"eventName": "echo", "headers": []}', "bad_frame"),
        ('{"eventName": "disconnected"}', "reserved_event"),
        ("x" * 65_537, "too_large"),
        (b"{}", "not_text"),
    ],
)
async def test_malformed_frames_get_an_error_event(register: Any, frame: Any, code: str) -> None:
    async with connected(register) as client:
        if isinstance(frame, bytes):
            await client.send_to(bytes_data=frame)
        else:
            await client.send_to(text_data=frame)
        name, payload = await client.hear()
        await client.emit("echo")

        assert (name, payload["code"]) == ("error", code)
        assert await client.hear() == ("echo", None)


async def test_repeated_offences_end_the_connection(
    register: Any, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(EventConsumer.as_asgi(register, Limits(offences_at_once=3)), "/ws")
    await client.connect()

    for _ in range(4):
        await client.send_to(text_data="{")

    assert await client.hear_close() == 4400
    assert not caplog.records


async def test_too_many_events_are_offences(register: Any) -> None:
    limits = Limits(events_at_once=2, events_per_second=0, offences_at_once=1)
    client = Client(EventConsumer.as_asgi(register, limits), "/ws")
    await client.connect()

    for _ in range(4):
        await client.emit("echo")

    assert await client.hear_close() == 4429


async def test_a_client_whose_outbox_is_full_is_disconnected(register: Any) -> None:
    @register.on_event("pour")
    async def pour(context: Any) -> None:
        for _ in range(100):
            await context.connection.send("poured", "x" * 100)

    limits = Limits(outbox_size=1000, close_within=0.05)
    client = Client(EventConsumer.as_asgi(register, limits), "/ws")
    client._output_queue = asyncio.Queue(maxsize=1)
    await client.connect()

    await client.emit("pour")
    await client.wait()

    assert not Hub.of_this_loop().connections


async def test_half_a_surrogate_pair_is_echoed_as_an_escape(register: Any) -> None:
    async with connected(register) as client:
        await client.send_to(text_data='{"eventName": "echo", "payload": "\\ud800"}')

        assert "\\ud800" in await client.receive_from(3)


async def test_a_server_that_is_full_refuses(register: Any) -> None:
    async with connected(register, Limits(connections=1)):
        client = WebsocketCommunicator(
            EventConsumer.as_asgi(register, Limits(connections=1)), "/ws"
        )

        assert (await client.connect())[0] is False


@pytest.mark.parametrize(
    ("origin", "is_accepted"),
    [
        (None, True),
        (b"https://svyaz.example", True),
        (b"https://svyaz.example:8443", True),
        (b"https://evil.example", False),
        (b"null", False),
        (b"https://svyaz.example.evil.example", False),
    ],
)
async def test_only_pages_of_allowed_hosts_connect(
    register: Any, settings: SettingsWrapper, origin: Any, is_accepted: bool
) -> None:
    settings.ALLOWED_HOSTS = ["svyaz.example"]
    headers = [(b"host", b"svyaz.example"), *([(b"origin", origin)] if origin else [])]
    client = WebsocketCommunicator(EventConsumer.as_asgi(register), "/ws", headers)

    assert (await client.connect())[0] is is_accepted

    await client.disconnect()


@pytest.mark.parametrize(
    ("origin", "is_accepted"),
    [
        (b"http://a.example:8000", True),
        (b"https://a.example:8443", True),
        (b"https://a.example.", True),
        (b"https://A.Example", True),
        (b"http://b.example", False),
        (b"http://a.example@b.example", False),
        (b"http://[", False),
        (b"http://[::1", False),
        (b"http://a.example:x", False),
        (b"\xff\xfe", False),
        (b"", False),
    ],
)
async def test_with_a_wildcard_a_page_may_connect_to_its_own_host(
    register: Any, settings: SettingsWrapper, origin: bytes, is_accepted: bool
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    headers = [(b"host", b"a.example:8000"), (b"origin", origin)]
    client = WebsocketCommunicator(EventConsumer.as_asgi(register), "/ws", headers)

    assert (await client.connect())[0] is is_accepted

    await client.disconnect()


async def test_a_refused_origin_is_logged_with_the_allowed_hosts(
    register: Any, settings: SettingsWrapper, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    headers = [(b"host", b"a.example:8000"), (b"origin", b"http://b.example:81")]
    client = WebsocketCommunicator(EventConsumer.as_asgi(register), "/ws", headers)

    await client.connect()

    for compared in ("http://b.example:81", "'b.example'", "'a.example'", "ALLOWED_HOSTS"):
        assert compared in caplog.text


@pytest.mark.django_db(transaction=True)
async def test_a_handler_may_use_the_database(register: Any) -> None:
    @register.on_event("count")
    async def count(context: Any) -> None:
        await context.connection.send("counted", await get_user_model().objects.acount())

    async with connected(register) as client:
        await client.emit("count")

        assert await client.hear() == ("counted", 0)


async def test_a_handler_that_waits_for_redis_ends_with_its_connection(
    register: Any, broker: Any
) -> None:
    broker.stop()

    @register.on_event("join")
    async def join(context: Any) -> None:
        await context.connection.join("tea")

    started = time.monotonic()
    async with connected(register) as client:
        await client.emit("join")
        await client.emit("echo")
        await client.hear()

    assert time.monotonic() - started < 10


async def test_leaving_while_joining_ends_the_wait(register: Any, broker: Any) -> None:
    broker.stop()

    @register.on_event("join")
    async def join(context: Any) -> None:
        await context.connection.join("tea")
        await context.connection.send("through")

    @register.on_event("leave")
    async def leave(context: Any) -> None:
        await context.connection.leave("tea")

    async with connected(register) as client:
        await client.emit("join")
        await client.emit("leave")

        assert await client.hear() == ("through", None)
