"""Zaptools' own client and a real server: the wire is the one that they speak."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from asgiref.sync import sync_to_async
from pytest_django.fixtures import SettingsWrapper
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from realtime.actions import publish
from realtime.connections.limits import Limits
from realtime.direct import DirectProtocol
from realtime.endpoints.websocket import EventConsumer
from realtime.register import EventContext, EventRegister
from realtime.tests.servers import serving

PROTOCOLS = ["websockets-sansio", DirectProtocol]


@pytest.fixture
def register() -> Any:
    made = EventRegister(anonymous=True)

    @made.on_event("hello")
    async def hello(context: EventContext) -> None:
        await context.connection.send("answer", context.payload, {"to": context.headers})

    @made.on_event("join")
    async def join(context: EventContext) -> None:
        await context.connection.join(context.payload)
        await context.connection.send("joined", None)

    return made


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_zaptools_client_receives_a_reply(register: Any, dial: Any, protocol: Any) -> None:
    with serving(EventConsumer.as_asgi(register), protocol) as url:
        client, events = await dial(url)

        await client.send("hello", {"name": "Аня"}, {"id": 7})
        answer = await anext(events)

        assert answer.event_name == "answer"
        assert answer.payload == {"name": "Аня"}
        assert answer.headers == {"to": {"id": 7}}
        await client.close()


async def test_two_servers_with_one_redis_reach_the_clients_of_both(
    register: Any, broker: Any, dial: Any
) -> None:
    application = EventConsumer.as_asgi(register)
    with serving(application) as here, serving(application) as there:
        streams = []
        for url in (here, there):
            client, events = await dial(url)
            await client.send("join", "tea")
            assert (await anext(events)).event_name == "joined"
            streams.append((client, events))

        await sync_to_async(publish)("poured", {"cups": 2}, "tea")

        for client, events in streams:
            heard = await anext(events)
            assert (heard.event_name, heard.payload) == ("poured", {"cups": 2})
            await client.close()


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_client_that_stops_reading_is_dropped_without_delaying_others(
    register: Any, broker: Any, protocol: Any
) -> None:
    limits = Limits(outbox_size=300_000, close_within=0.2)
    with serving(EventConsumer.as_asgi(register, limits), protocol) as url:
        async with _that_does_not_read(url) as lazy, connect(url) as quick:
            for client in (lazy, quick):
                await client.send('{"eventName": "join", "payload": "tea"}')
                await client.recv()

            for n in range(400):
                await sync_to_async(publish)("poured", f"{n}" + "x" * 60_000, "tea")
                async with asyncio.timeout(5):
                    await quick.recv()
            received = [message async for message in _until_closed(lazy)]

    assert len(received) < 300


def _that_does_not_read(url: Any) -> Any:
    """Connect with small buffers, so that little is on its way when the reader stops."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect((urlsplit(url).hostname, urlsplit(url).port))
    return connect(url, sock=sock, max_queue=1, close_timeout=0)


async def _until_closed(client: Any) -> AsyncIterator[Any]:
    with contextlib.suppress(ConnectionClosed):
        while True:
            async with asyncio.timeout(5):
                yield await client.recv()


async def test_a_page_of_another_site_is_refused(register: Any, settings: SettingsWrapper) -> None:
    settings.ALLOWED_HOSTS = ["svyaz.example"]
    with serving(EventConsumer.as_asgi(register)) as url:
        async with connect(url, origin=Origin("https://svyaz.example")):
            pass

        with pytest.raises(InvalidStatus):
            async with connect(url, origin=Origin("https://evil.example")):
                pass
