"""Server-sent events, read as a browser's EventSource does."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from realtime.actions import apublish
from realtime.connections.limits import Limits
from realtime.endpoints.sse import EventStream
from realtime.operations.control import notify
from realtime.register import EventRegister
from realtime.rooms.hub import Hub
from realtime.tests.people import KEY
from realtime.tests.processes import DAPHNE, UVICORN, processes
from realtime.tests.servers import serving


class Reader:
    def __init__(self, response: Any) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def hear(self) -> Any:
        """Return the id and the frame of the next event."""
        fields = {}
        async for line in self._lines:
            name, _, value = line.partition(": ")
            fields[name] = value
            if not line and "data" in fields:
                break
        return fields.get("id"), json.loads(fields["data"])

    async def rest(self) -> Any:
        """Return the lines until the response ends."""
        return "\n".join([line async for line in self._lines])


@asynccontextmanager
async def reading(
    url: Any, room: Any = "tea", key: Any = KEY, **headers: Any
) -> AsyncIterator[Any]:
    url = url.replace("ws://", "http://").removesuffix("/ws")
    async with (
        httpx.AsyncClient(timeout=5, headers={"api-key": key, **headers}) as client,
        client.stream("GET", f"{url}/events", params={"room": room}) as response,
    ):
        yield Reader(response)


async def test_a_stream_receives_the_events_of_the_room(register: Any, broker: Any) -> None:
    with serving(EventStream.as_asgi(register)) as url:
        async with reading(url) as reader:
            assert reader.response.headers["content-type"] == "text/event-stream"
            _, joined = await reader.hear()
            await apublish("poured", {"cup": "чай"}, "tea")
            id, event = await reader.hear()

    assert (joined["eventName"], joined["payload"]["complete"]) == ("system.joined", True)
    assert (event["eventName"], event["payload"]) == ("poured", {"cup": "чай"})
    assert id == event["headers"]["offset"]


async def test_a_stream_that_reconnects_catches_up(register: Any, broker: Any) -> None:
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
    [("tea", "wrong", 401), ("tea", "", 401), ("coffee", KEY, 403), ("", KEY, 400)],
)
async def test_unauthorized_streams_are_refused(
    register: Any, broker: Any, room: str, key: Any, status: int
) -> None:
    with serving(EventStream.as_asgi(register)) as url:
        async with reading(url, room, key) as reader:
            assert reader.response.status_code == status
            assert "code" in json.loads(await reader.response.aread())


async def test_anonymous_streams_are_limited_too(register: Any, broker: Any) -> None:
    with serving(EventStream.as_asgi(register, Limits(connections_per_person=1))) as url:
        async with reading(url) as first:
            await first.hear()
            async with reading(url) as second:
                assert second.response.status_code == 429


@pytest.mark.parametrize("garbage", ["garbage", "1-1-1", "\xe9", "9" * 30 + "-0", "0-0", "-", "1"])
async def test_an_unknown_id_gets_an_incomplete_position(
    register: Any, broker: Any, garbage: Any
) -> None:
    await apublish("poured", 1, "tea")
    with serving(EventStream.as_asgi(register)) as url:
        async with reading(url, **{"last-event-id": garbage.encode("latin-1")}) as reader:
            _, joined = await reader.hear()

    assert joined["payload"]["complete"] is False


async def test_a_stream_without_an_id_starts_from_now(register: Any, broker: Any) -> None:
    with serving(EventStream.as_asgi(register)) as url:
        async with reading(url, **{"last-event-id": ""}) as reader:
            _, joined = await reader.hear()

    assert joined["payload"]["complete"] is True


async def test_a_history_larger_than_the_outbox_is_recovered(register: Any, broker: Any) -> None:
    with serving(EventStream.as_asgi(register, Limits(outbox_size=100_000))) as url:
        async with reading(url) as reader:
            start, _ = await reader.hear()
        for number in range(40):
            await apublish("poured", f"{number}" + "x" * 20_000, "tea")
        async with reading(url, **{"last-event-id": start}) as reader:
            heard = [(await reader.hear())[1]["payload"] for _ in range(40)]
            _, joined = await reader.hear()

    assert [text.rstrip("x") for text in heard] == [str(number) for number in range(40)]
    assert joined["payload"]["complete"] is True


@pytest.mark.parametrize(
    ("method", "status"),
    [("HEAD", 200), ("OPTIONS", 204), ("POST", 405), ("PUT", 405), ("DELETE", 405), ("PATCH", 405)],
)
async def test_only_get_and_head_are_allowed(
    register: Any, broker: Any, method: str, status: int
) -> None:
    with serving(EventStream.as_asgi(register)) as url:
        url = url.replace("ws://", "http://").removesuffix("/ws")
        async with httpx.AsyncClient(timeout=5, headers={"api-key": KEY}) as client:
            response = await client.request(method, f"{url}/events?room=tea")

    assert response.status_code == status
    assert response.headers["content-type" if method == "HEAD" else "allow"] in (
        "text/event-stream",
        "GET, HEAD, OPTIONS",
    )


@pytest.mark.parametrize("query", ["", "room=", "room=%00", "room=%FF", "room=" + "x" * 201])
async def test_an_invalid_room_name_is_refused_as_on_the_websocket(broker: Any, query: Any) -> None:
    register = EventRegister(anonymous=True)

    @register.on_join("*")
    async def anyone(context: Any, room: Any) -> bool:
        return True

    with serving(EventStream.as_asgi(register)) as url:
        url = url.replace("ws://", "http://").removesuffix("/ws")
        async with httpx.AsyncClient(timeout=5) as client:
            response = await client.get(f"{url}/events?{query}")

    assert response.status_code == 400
    assert "room" in response.json()["fields"]


async def test_a_stream_closed_by_staff_ends_with_a_close_event(register: Any, broker: Any) -> None:
    with serving(EventStream.as_asgi(register)) as url:
        async with reading(url) as reader:
            await reader.hear()
            (hub,) = [each for each in Hub.of_this_process() if each.connections]
            (connection,) = hub.connections
            await asyncio.to_thread(notify, "close", connection=connection.id)
            text = await reader.rest()

    assert 'event: close\ndata: {"code": 4403, "reason": "Closed by an administrator."}' in text


async def test_a_refusal_names_the_setting(register: Any, broker: Any) -> None:
    with serving(EventStream.as_asgi(register, Limits(connections_per_person=1))) as url:
        async with reading(url) as first:
            await first.hear()
            async with reading(url) as second:
                body = json.loads(await second.response.aread())

    assert body["message"] == (
        "Too many connections of this user (limit 1)."
        " Close some or raise REALTIME_MAX_CONNECTIONS_PER_PERSON."
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", [UVICORN, DAPHNE], ids=["uvicorn", "daphne"])
async def test_open_streams_do_not_delay_the_shutdown(
    broker: Any, tmp_path: Path, kind: Any
) -> None:
    with processes(1, broker, tmp_path, kind) as [server]:
        async with reading(f"http://127.0.0.1:{server.port}", "tea") as reader:
            await reader.hear()
            started = time.monotonic()
            server.popen.send_signal(signal.SIGTERM)
            text = await reader.rest()
            # Before the server's own time-out of five seconds; then the interpreter has to exit.
            assert time.monotonic() - started < 2
            await asyncio.to_thread(server.popen.wait, 10)

        assert '"code": 1012' in text
        assert "Traceback" not in server.log.read_text()


async def test_a_page_of_another_site_receives_nothing(register: Any, broker: Any) -> None:
    with serving(EventStream.as_asgi(register)) as url:
        async with reading(url, origin="https://evil.example") as reader:
            assert reader.response.status_code == 403
            assert not any(hub.places for hub in Hub.of_this_process())
