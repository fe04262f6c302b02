"""The server of `runserver`: everything works the same there, through ASGI."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from zaptools.client import ZapClient

from realtime.actions import apublish
from realtime.tests.people import KEY
from realtime.tests.processes import DAPHNE, hear, join, processes
from realtime.wire.envelope import encode

pytestmark = pytest.mark.slow


@pytest.fixture
def daphne(broker: Any, tmp_path: Path) -> Iterator[Any]:
    with processes(1, broker, tmp_path, DAPHNE) as [server]:
        yield server


async def test_a_zaptools_client_authenticates_and_receives_its_room(daphne: Any) -> None:
    client = ZapClient()
    await client.connect(f"ws://127.0.0.1:{daphne.port}/ws")
    events = client.event_stream()
    await client.send("system.auth", {"api_key": KEY}, {"id": 1})
    known = await anext(events)
    await client.send("system.join", {"room": "tea"})
    while (joined := await anext(events)).event_name != "system.joined":
        pass
    await apublish("poured", {"cups": 2}, "tea")
    while (event := await anext(events)).event_name != "poured":
        pass
    await client.close()

    assert (known.payload, known.headers) == ({"id": 7}, {"reply_to": 1})
    assert joined.payload["complete"]
    assert event.payload == {"cups": 2}


async def test_a_key_in_the_subprotocols_authenticates_and_is_not_echoed(daphne: Any) -> None:
    async with daphne.connect(subprotocols=["zaptools", f"api-key.{KEY}"]) as client:
        assert client.subprotocol == "zaptools"
        _, joined = await join(client)

    assert joined["present"] == ["7"]


async def test_an_invalid_key_gets_an_error_and_a_close_code(daphne: Any) -> None:
    async with daphne.connect() as client:
        await client.send(encode("system.auth", {"api_key": "wrong"}))
        async with asyncio.timeout(10):
            error = json.loads(await client.recv())
            with pytest.raises(ConnectionClosed):
                await client.recv()

    assert error["payload"]["code"] == "invalid_key"
    assert client.close_code == 4401


async def test_a_client_that_disconnects_without_a_close_frame_has_left(daphne: Any) -> None:
    async with daphne.connect() as watcher:
        await join(watcher)
        async with daphne.connect(key=KEY) as ann:
            await join(ann)
            await hear(watcher, "presence.joined")
            ann.transport.abort()
            async with asyncio.timeout(10):
                left = await hear(watcher, "presence.left")

    assert left["payload"] == {"room": "tea", "person": "7"}
