"""What goes wrong out there: processes and brokers that go, clients that misbehave or all come."""

import asyncio
import signal
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from realtime.actions import apublish
from realtime.tests.people import KEY
from realtime.tests.processes import DAPHNE, UVICORN, hear, join, processes
from realtime.wire.envelope import encode

pytestmark = pytest.mark.slow

CROWD = 1000
BAD_FRAMES = [
    "{",
    "[]",
    "{}",
    b"\x00",
    '{"eventName": 1}',
    '{"eventName": "connected"}',
    '{"eventName": "x", "headers": 7}',
    "[" * 5000,
]


@pytest.fixture
def two(broker: Any, tmp_path: Path) -> Iterator[Any]:
    with processes(2, broker, tmp_path) as started:
        yield started


async def test_nothing_is_lost_while_redis_hangs_for_ten_seconds(two: Any, broker: Any) -> None:
    here, there = two
    async with here.connect() as one, there.connect() as other:
        for client in (one, other):
            await join(client)
        with broker.frozen():
            started = time.monotonic()
            for number in range(20):
                await apublish("poured", number, "tea")
            assert time.monotonic() - started < 5
            await asyncio.sleep(10)

        for client in (one, other):
            async with asyncio.timeout(20):
                heard = [(await hear(client, "poured"))["payload"] for _ in range(20)]
            assert heard == list(range(20))


async def test_redis_is_used_again_after_ten_seconds_and_without_its_data(
    two: Any, broker: Any
) -> None:
    here, there = two
    async with here.connect() as one, there.connect() as other:
        for client in (one, other):
            await join(client)
        broker.stop()
        await asyncio.sleep(10)
        await apublish("poured", "late", "tea")
        broker.start()

        for client in (one, other):
            async with asyncio.timeout(20):
                await hear(client, "system.refetch")
        await apublish("poured", "after", "tea")
        for client in (one, other):
            async with asyncio.timeout(20):
                while (await hear(client, "poured"))["payload"] != "after":
                    pass


async def test_after_a_kill_the_people_leave_and_clients_catch_up_elsewhere(two: Any) -> None:
    here, there = two
    async with there.connect() as watcher:
        await join(watcher)
        async with here.connect(KEY) as ann:
            _, joined = await join(ann)
            await hear(watcher, "presence.joined")

            here.popen.kill()
            started = time.monotonic()
            await apublish("poured", "meanwhile", "tea")
            async with asyncio.timeout(12):
                await hear(watcher, "presence.left")
            assert time.monotonic() - started < 9

        async with there.connect(KEY) as again:
            missed, answer = await join(again, since=joined["offset"])
    assert [event["payload"] for event in missed if event["eventName"] == "poured"] == ["meanwhile"]
    assert answer["complete"]


@pytest.mark.parametrize("kind", [UVICORN, DAPHNE], ids=["uvicorn", "daphne"])
async def test_ten_thousand_bad_frames_neither_affect_others_nor_fill_the_log(
    broker: Any, tmp_path: Path, kind: Any
) -> None:
    with processes(1, broker, tmp_path, kind) as [server]:
        async with server.connect() as honest:
            await join(honest)
            frames = islice(cycle(BAD_FRAMES), 10_000)
            codes = set()
            is_over = False
            while not is_over:
                async with server.connect() as rude:
                    is_over = await _send_all(rude, frames)
                    codes.add(rude.close_code)
            await honest.send(encode("system.ping", 1))
            async with asyncio.timeout(5):
                await hear(honest, "system.pong")

        assert codes <= {4400, None}
        assert 4400 in codes
        assert len(server.log.read_text().splitlines()) < 10


async def _send_all(client: Any, frames: Any) -> bool:
    """Send until the server closes the connection; return whether all are sent."""
    reading = asyncio.create_task(_until_closed(client))
    try:
        for frame in frames:
            await client.send(frame)
            await asyncio.sleep(0)
    except ConnectionClosed:
        return False
    finally:
        await asyncio.wait({reading}, timeout=0.5)
        reading.cancel()
    return True


async def _until_closed(client: Any) -> None:
    async for _ in client:
        pass


async def test_a_thousand_clients_reconnect_after_a_shutdown_and_miss_nothing(
    broker: Any, tmp_path: Path
) -> None:
    with processes(2, broker, tmp_path) as [old, new]:
        crowd = [await _arrive(old) for _ in range(CROWD)]
        started = time.monotonic()
        old.popen.send_signal(signal.SIGTERM)
        ends = await asyncio.gather(*(_sent_away(client, started) for client, *_ in crowd))
        await apublish("poured", "meanwhile", "tea")

        assert {code for code, _ in ends} == {1012}
        assert max(when for _, when in ends) - min(when for _, when in ends) > 1
        assert max(when for _, when in ends) < 6

        started = time.monotonic()
        offset = crowd[0][1]
        back = await asyncio.gather(*(_arrive(new, offset) for _ in range(CROWD)))
        assert time.monotonic() - started < 30
        assert all(missed == ["meanwhile"] for _, _, missed in back)
        await apublish("poured", "again", "tea")
        async with asyncio.timeout(20):
            heard = await asyncio.gather(*(hear(client, "poured") for client, *_ in back))
        assert {event["payload"] for event in heard} == {"again"}
        await asyncio.gather(*(client.close() for client, *_ in back))


async def _arrive(server: Any, since: Any = "") -> Any:
    """Return a client that joined, the offset of the room, and the events it had missed."""
    client = await server.connect(open_timeout=30, ping_interval=None)
    missed, answer = await join(client, since=since)
    return client, answer["offset"], [it["payload"] for it in missed if it["eventName"] == "poured"]


async def _sent_away(client: Any, started: Any) -> Any:
    await client.wait_closed()
    return client.close_code, time.monotonic() - started
