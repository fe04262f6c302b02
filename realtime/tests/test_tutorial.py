"""The tutorial on Zaptools' page, with our imports and strangers let in: it works as it stands."""

# ruff: noqa: T201  the tutorial prints
import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from zaptools.client import ZapClient

from realtime.connections.router import ConnectionRouter
from realtime.direct import DirectProtocol
from realtime.endpoints.websocket import EventConsumer
from realtime.register import EventContext, EventRegister
from realtime.tests.servers import serving


@pytest.fixture
def register() -> Any:
    return EventRegister(anonymous=True)


@pytest.fixture
def url(register: Any) -> Iterator[Any]:
    with serving(EventConsumer.as_asgi(register), DirectProtocol) as address:
        yield address


async def test_hello(register: Any, url: Any, dial: Any) -> None:
    @register.on_event("hello")
    async def hello_trigger(ctx: EventContext) -> None:
        conn = ctx.connection
        await conn.send("hello", "HELLO FROM SERVER !!!")

    client, events = await dial(url)
    await client.send("hello", {"hello": "from client"}, {})

    assert (await anext(events)).payload == "HELLO FROM SERVER !!!"


async def test_the_attributes_of_a_context(register: Any, url: Any, dial: Any) -> None:
    @register.on_event("event1")
    async def trigger(ctx: EventContext) -> None:
        await ctx.connection.send(ctx.event_name, [ctx.payload, ctx.connection.id])
        await ctx.connection.close()

    client, events = await dial(url)
    await client.send("event1", {"hello": "from client"}, {})
    (event,) = [event async for event in events]

    assert event.event_name == "event1"
    assert event.payload[0] == {"hello": "from client"}
    assert event.payload[1].startswith("zpt-")


async def test_events_of_the_server(
    register: Any, url: Any, dial: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()

    @register.on_event("connected")
    async def connected_trigger(ctx: EventContext) -> None:
        print("Connection started")

    @register.on_event("disconnected")
    async def disconnected_trigger(ctx: EventContext) -> None:
        print("Connection closed")
        loop.call_soon_threadsafe(over.set)

    @register.on_event("error")
    async def error_trigger(ctx: EventContext) -> None:
        print("An error ocurred in a event")
        print(ctx.payload)  # display error details

    @register.on_event("fail")
    async def fail(ctx: EventContext) -> None:
        raise ValueError("no tea")

    client, events = await dial(url)

    @register.on_event("ok")
    async def ok(ctx: EventContext) -> None:
        await ctx.connection.send("ok", None)

    await client.send("fail", {}, {})
    await client.send("ok", {}, {})
    assert (await anext(events)).event_name == "ok"  # `error` was taken by its handler
    await client.close()
    async with asyncio.timeout(5):
        await over.wait()

    printed = capsys.readouterr().out
    expected = ["Connection started", "An error ocurred in a event", "no tea", "Connection closed"]
    assert sorted(expected, key=printed.index) == expected


async def test_connection_router(register: Any, url: Any, dial: Any) -> None:
    reg = register
    connection_router = ConnectionRouter()

    @reg.on_event("connected")
    async def on_connected_trigger(ctx: EventContext) -> None:
        connection_router.add_connection(ctx.connection)
        await connection_router.broadcast(
            "new-user",
            "new user connected",
            exclude=[ctx.connection],
        )

    @reg.on_event("disconnected")
    async def on_disconnected_trigger(ctx: EventContext) -> None:
        connection_router.remove_connection(ctx.connection)
        await connection_router.broadcast(
            "user-disconnected",
            "user disconnected",
            exclude=[ctx.connection],
        )

    @reg.on_event("who")
    async def who(ctx: EventContext) -> None:
        ids = [each.id for each in connection_router.get_all_connections()]
        found = connection_router.get_connection(ctx.connection.id) is ctx.connection
        sent = await connection_router.send_to_connection(ctx.connection.id, "you", ids)
        await ctx.connection.send("who", [found, sent])

    first, heard = await dial(url)
    await first.send("who", {}, {})
    assert len((await anext(heard)).payload) == 1
    assert (await anext(heard)).payload == [True, True]
    second, _ = await dial(url)
    assert (await anext(heard)).payload == "new user connected"
    await second.close()
    assert (await anext(heard)).payload == "user disconnected"


async def test_client(register: Any, url: Any) -> None:
    @register.on_event("event1")
    async def answer(ctx: EventContext) -> None:
        await ctx.connection.send("event2", ctx.payload)
        await ctx.connection.close()

    payloads = []
    client = ZapClient()
    await client.connect(url)  # Connect to the server

    await client.send("event1", {"hello": "from client"}, {})  # send a event

    # A generator with all event stream
    # Receive all events
    async for event in client.event_stream():
        payloads.append(event.payload)

    assert payloads == [{"hello": "from client"}]
