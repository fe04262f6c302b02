import asyncio

import pytest

from realtime.actions import apublish
from realtime.consumer import EventConsumer
from realtime.direct import DirectProtocol
from realtime.examples.listener import listen
from realtime.tests.people import KEY
from realtime.tests.servers import serving


async def test_the_listener_says_who_it_is_and_shows_what_is_told(register, broker):
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


async def test_the_listener_ends_when_it_may_not_hear(register, broker):
    application = EventConsumer.as_asgi(register)
    with serving(application, DirectProtocol) as url, pytest.raises(SystemExit, match="You may"):
        async with asyncio.timeout(10):
            await anext(listen(url, "secrets", KEY))
