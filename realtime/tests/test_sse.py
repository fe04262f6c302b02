"""Rooms over plain HTTP, read as a browser's EventSource would."""

import json
from contextlib import asynccontextmanager

import httpx
import pytest

from realtime.actions import apublish
from realtime.hub import Hub
from realtime.limits import Limits
from realtime.sse import EventStream
from realtime.tests.people import KEY
from realtime.tests.servers import serving


class Reader:
    def __init__(self, response):
        self.response = response
        self._lines = response.aiter_lines()

    async def hear(self):
        """Return the id and the frame of the next event."""
        fields = {}
        async for line in self._lines:
            name, _, value = line.partition(": ")
            fields[name] = value
            if not line and "data" in fields:
                break
        return fields.get("id"), json.loads(fields["data"])


@asynccontextmanager
async def reading(url, room="tea", key=KEY, **headers):
    url = url.replace("ws://", "http://").removesuffix("/ws")
    async with (
        httpx.AsyncClient(timeout=5, headers={"api-key": key, **headers}) as client,
        client.stream("GET", f"{url}/events", params={"room": room}) as response,
    ):
        yield Reader(response)


async def test_a_reader_hears_what_is_told_in_the_room(register, broker):
    with serving(EventStream.as_asgi(register)) as url:
        async with reading(url) as reader:
            assert reader.response.headers["content-type"] == "text/event-stream"
            _, joined = await reader.hear()
            await apublish("poured", {"cup": "чай"}, "tea")
            id, told = await reader.hear()

    assert (joined["eventName"], joined["payload"]["complete"]) == ("system.joined", True)
    assert (told["eventName"], told["payload"]) == ("poured", {"cup": "чай"})
    assert id == told["headers"]["offset"]


async def test_a_reader_that_comes_back_hears_what_it_missed(register, broker):
    with serving(EventStream.as_asgi(register)) as url:
        async with reading(url) as reader:
            start, _ = await reader.hear()
        await apublish("poured", 1, "tea")
        await apublish("poured", 2, "tea")
        async with reading(url, **{"last-event-id": start}) as reader:
            heard = [(await reader.hear())[1]["payload"] for _ in range(2)]

    assert heard == [1, 2]


@pytest.mark.parametrize(
    ("room", "key", "status"),
    [("tea", "wrong", 401), ("tea", "", 401), ("coffee", KEY, 403), ("", KEY, 403)],
)
async def test_who_may_not_hear_is_refused(register, broker, room, key, status):
    with serving(EventStream.as_asgi(register)) as url:
        async with reading(url, room, key) as reader:
            assert reader.response.status_code == status
            assert "code" in json.loads(await reader.response.aread())


async def test_strangers_are_refused_too_many_as_well(register, broker):
    with serving(EventStream.as_asgi(register, Limits(connections_per_person=1))) as url:
        async with reading(url) as first:
            await first.hear()
            async with reading(url) as second:
                assert second.response.status_code == 429


async def test_a_page_of_another_site_hears_nothing(register, broker):
    with serving(EventStream.as_asgi(register)) as url:
        async with reading(url, origin="https://evil.example") as reader:
            assert reader.response.status_code == 403
            assert not any(hub.callers for hub in Hub.of_this_process())
