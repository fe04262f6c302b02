import asyncio
from typing import Any

import pytest

from realtime.actions import apublish
from realtime.direct import DirectProtocol
from realtime.endpoints.websocket import EventConsumer
from realtime.examples.listener import listen
from realtime.tests.people import KEY
from realtime.tests.servers import serving


async def test_the_listener_authenticates_and_prints_events(register: Any, broker: Any) -> None:
    with serving(EventConsumer.as_asgi(register), DirectProtocol) as url:
        events = listen(url, "tea", KEY)
        first = asyncio.ensure_future(anext(events))
        async with asyncio.timeout(10):
            while not first.done():
                await apublish("poured", {"cups": 2}, "tea")
                await asyncio.sleep(0.05)
        event = await first
        await events.aclose()

    assert (event.event_name, event.payload) == ("poured", {"cups": 2})


async def test_the_listener_exits_when_it_is_refused(register: Any, broker: Any) -> None:
    application = EventConsumer.as_asgi(register)
    with serving(application, DirectProtocol) as url, pytest.raises(SystemExit, match="You may"):
        async with asyncio.timeout(10):
            await anext(listen(url, "secrets", KEY))
