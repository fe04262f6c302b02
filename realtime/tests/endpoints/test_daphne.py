"""The server of `runserver`: everything works the same there, through ASGI."""

import asyncio
import json

import pytest
from websockets.exceptions import ConnectionClosed
from zaptools.client import ZapClient

from realtime.actions import apublish
from realtime.envelope import encode
from realtime.tests.people import KEY
from realtime.tests.processes import DAPHNE, hear, join, processes

pytestmark = pytest.mark.slow


@pytest.fixture
def daphne(broker, tmp_path):
    with processes(1, broker, tmp_path, DAPHNE) as [server]:
        yield server


async def test_a_zaptools_client_says_who_it_is_and_hears_its_room(daphne):
    client = ZapClient()
    await client.connect(f"ws://127.0.0.1:{daphne.port}/ws")
    events = client.event_stream()
    await client.send("system.auth", {"api_key": KEY}, {"id": 1})
    known = await anext(events)
    await client.send("system.join", {"room": "tea"})
    while (joined := await anext(events)).event_name != "system.joined":
        pass
    await apublish("poured", {"cups": 2}, "tea")
    while (told := await anext(events)).event_name != "poured":
        pass
    await client.close()

    assert (known.payload, known.headers) == ({"id": 7}, {"reply_to": 1})
    assert joined.payload["complete"]
    assert told.payload == {"cups": 2}


async def test_a_key_among_the_subprotocols_is_known_and_not_repeated(daphne):
    async with daphne.connect(subprotocols=["zaptools", f"api-key.{KEY}"]) as client:
        assert client.subprotocol == "zaptools"
        _, joined = await join(client)

    assert joined["present"] == ["7"]


async def test_a_wrong_key_is_told_and_closed_with_its_code(daphne):
    async with daphne.connect() as client:
        await client.send(encode("system.auth", {"api_key": "wrong"}))
        async with asyncio.timeout(10):
            error = json.loads(await client.recv())
            with pytest.raises(ConnectionClosed):
                await client.recv()

    assert error["payload"]["code"] == "invalid_key"
    assert client.close_code == 4401


async def test_who_goes_without_a_word_has_left(daphne):
    async with daphne.connect() as watcher:
        await join(watcher)
        async with daphne.connect(key=KEY) as ann:
            await join(ann)
            await hear(watcher, "presence.joined")
            ann.transport.abort()
            async with asyncio.timeout(10):
                left = await hear(watcher, "presence.left")

    assert left["payload"] == {"room": "tea", "person": "7"}
