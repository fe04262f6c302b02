import asyncio
import time

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth import get_user_model

from realtime.consumer import EventConsumer
from realtime.hub import Hub
from realtime.limits import Limits
from realtime.register import EventRegister
from realtime.tests.clients import Client, connected


@pytest.fixture
def register():
    made = EventRegister(anonymous=True)

    @made.on_event("echo")
    async def echo(context):
        await context.connection.send("echo", context.payload, context.headers)

    @made.on_event("fail")
    async def fail(context):
        raise RuntimeError("the secret of the house")

    return made


async def test_an_event_is_answered_by_its_handler(register):
    async with connected(register) as client:
        await client.emit("echo", [1, "два", None])

        assert await client.hear() == ("echo", [1, "два", None])


async def test_a_connection_has_an_id_like_zaptools_and_a_user(register):
    seen = []

    @register.on_event("connected")
    async def remember(context):
        seen.append(context.connection)

    async with connected(register):
        await asyncio.sleep(0)

    assert seen[0].id.startswith("zpt-")
    assert seen[0].user.is_anonymous


async def test_the_server_hears_of_coming_and_going(register):
    heard = []
    for name in ("connected", "disconnected"):

        @register.on_event(name)
        async def remember(context):
            heard.append(context.event_name)

    async with connected(register) as client:
        await client.emit("echo")
        await client.hear()
        assert heard == ["connected"]

    assert heard == ["connected", "disconnected"]


async def test_an_unknown_event_is_ignored(register):
    async with connected(register) as client:
        await client.emit("nobody.knows")
        await client.emit("echo")

        assert await client.hear() == ("echo", None)


async def test_registers_share_nothing(register):
    async with connected(EventRegister(anonymous=True)) as client:
        await client.emit("echo")

        assert await client.receive_nothing()


def test_an_event_has_one_handler(register):
    async def another(context):
        """Never called."""

    with pytest.raises(ValueError, match="echo"):
        register.on_event("echo")(another)


async def test_a_slow_handler_holds_up_nothing_else(register):
    @register.on_event("sleep")
    async def sleep(context):
        await asyncio.Event().wait()

    async with connected(register, Limits(close_within=0.05)) as client:
        await client.emit("sleep")
        await client.emit("echo")

        assert await client.hear() == ("echo", None)


async def test_more_events_than_can_wait_are_refused(register):
    @register.on_event("sleep")
    async def sleep(context):
        await asyncio.Event().wait()

    limits = Limits(handlers_at_once=1, events_waiting=1, close_within=0.05)
    async with connected(register, limits) as client:
        for _ in range(3):
            await client.emit("sleep")

        _, payload = await client.hear()

    assert payload["code"] == "busy"


async def test_a_failure_is_told_without_its_details(register, caplog):
    reasons = []

    @register.on_event("error")
    async def remember(context):
        reasons.append(context.payload)

    async with connected(register) as client:
        await client.emit("fail")
        name, payload = await client.hear()

    assert name == "error"
    assert payload["code"] == "internal"
    assert "secret" not in str(payload)
    assert "the secret of the house" in caplog.text
    assert reasons == [{"event": "fail", "reason": "RuntimeError: the secret of the house"}]


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
async def test_what_the_wire_does_not_allow_is_an_error_event(register, frame, code):
    async with connected(register) as client:
        if isinstance(frame, bytes):
            await client.send_to(bytes_data=frame)
        else:
            await client.send_to(text_data=frame)
        name, payload = await client.hear()
        await client.emit("echo")

        assert (name, payload["code"]) == ("error", code)
        assert await client.hear() == ("echo", None)


async def test_repeated_offences_end_the_connection(register, caplog):
    client = Client(EventConsumer.as_asgi(register, Limits(offences_at_once=3)), "/ws")
    await client.connect()

    for _ in range(4):
        await client.send_to(text_data="{")

    assert await client.hear_close() == 4400
    assert not caplog.records


async def test_too_many_events_are_offences(register):
    limits = Limits(events_at_once=2, events_per_second=0, offences_at_once=1)
    client = Client(EventConsumer.as_asgi(register, limits), "/ws")
    await client.connect()

    for _ in range(4):
        await client.emit("echo")

    assert await client.hear_close() == 4429


async def test_a_reader_whose_outbox_is_full_is_cut_off(register):
    @register.on_event("pour")
    async def pour(context):
        for _ in range(100):
            await context.connection.send("poured", "x" * 100)

    limits = Limits(outbox_size=1000, close_within=0.05)
    client = Client(EventConsumer.as_asgi(register, limits), "/ws")
    client._output_queue = asyncio.Queue(maxsize=1)
    await client.connect()

    await client.emit("pour")
    await client.wait()

    assert not Hub.of_this_loop().connections


async def test_half_a_surrogate_pair_is_echoed_as_an_escape(register):
    async with connected(register) as client:
        await client.send_to(text_data='{"eventName": "echo", "payload": "\\ud800"}')

        assert "\\ud800" in await client.receive_from(3)


async def test_a_server_that_is_full_refuses(register):
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
async def test_only_pages_of_allowed_hosts_connect(register, settings, origin, is_accepted):
    settings.ALLOWED_HOSTS = ["svyaz.example"]
    headers = [(b"host", b"svyaz.example"), *([(b"origin", origin)] if origin else [])]
    client = WebsocketCommunicator(EventConsumer.as_asgi(register), "/ws", headers)

    assert (await client.connect())[0] is is_accepted

    await client.disconnect()


@pytest.mark.parametrize(
    ("origin", "is_accepted"), [(b"http://a.example:8000", True), (b"http://b.example", False)]
)
async def test_where_every_host_is_allowed_a_page_may_call_its_own(
    register, settings, origin, is_accepted
):
    settings.ALLOWED_HOSTS = ["*"]
    headers = [(b"host", b"a.example:8000"), (b"origin", origin)]
    client = WebsocketCommunicator(EventConsumer.as_asgi(register), "/ws", headers)

    assert (await client.connect())[0] is is_accepted

    await client.disconnect()


@pytest.mark.django_db(transaction=True)
async def test_a_handler_may_use_the_database(register):
    @register.on_event("count")
    async def count(context):
        await context.connection.send("counted", await get_user_model().objects.acount())

    async with connected(register) as client:
        await client.emit("count")

        assert await client.hear() == ("counted", 0)


async def test_a_handler_that_waits_for_the_broker_ends_with_its_connection(register, broker):
    broker.stop()

    @register.on_event("join")
    async def join(context):
        await context.connection.join("tea")

    started = time.monotonic()
    async with connected(register) as client:
        await client.emit("join")
        await client.emit("echo")
        await client.hear()

    assert time.monotonic() - started < 2


async def test_leaving_while_joining_ends_the_wait(register, broker):
    broker.stop()

    @register.on_event("join")
    async def join(context):
        await context.connection.join("tea")
        await context.connection.send("through")

    @register.on_event("leave")
    async def leave(context):
        await context.connection.leave("tea")

    async with connected(register) as client:
        await client.emit("join")
        await client.emit("leave")

        assert await client.hear() == ("through", None)
