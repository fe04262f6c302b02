import asyncio
import contextvars
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from bots.framework.api import Api
from bots.runtime.loop import Loop


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop(most=100, threads=2)
    yield loop
    loop.drain(0)
    loop.close()


def test_jobs_that_wait_hold_up_nobody(loop: Any) -> None:
    started = time.monotonic()

    for _ in range(100):
        loop.spawn(asyncio.sleep(0.2))
    loop.drain(60)

    assert time.monotonic() - started < 10


def test_no_more_jobs_are_under_way_than_there_is_room_for() -> None:
    loop = Loop(most=2, threads=1)
    under_way, seen = [], []

    async def job() -> None:
        under_way.append(1)
        seen.append(len(under_way))
        await asyncio.sleep(0.01)
        under_way.pop()

    for _ in range(10):
        loop.spawn(job())
    loop.drain(5)

    assert max(seen) == 2


def test_the_database_work_of_all_jobs_shares_the_threads(loop: Any) -> None:
    async def job() -> str:
        return await sync_to_async(lambda: threading.current_thread().name)()

    names = {future.result(5) for future in [loop.submit(job()) for _ in range(20)]}

    assert 1 <= len(names) <= 2


@pytest.mark.django_db(transaction=True)
def test_a_connection_is_kept_until_it_has_failed(loop: Any) -> None:
    def ask(sql: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql)
        return id(connection.connection)

    async def job(sql: str) -> int:
        return await sync_to_async(ask)(sql)

    loop = Loop(most=1, threads=1)
    first = loop.submit(job("SELECT 1")).result(5)
    assert loop.submit(job("SELECT 1")).result(5) == first

    assert loop.submit(job("SELECT nothing")).exception(5)
    assert loop.submit(sync_to_async(lambda: connection.connection)()).result(5) is None
    loop.close()


def test_a_job_that_outlasts_the_drain_is_told_so(loop: Any) -> None:
    answered = threading.Event()

    async def job() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            answered.set()
            raise

    loop.spawn(job())
    loop.drain(0.05)

    assert answered.wait(2)


def test_the_drain_waits_until_cancelled_jobs_have_released_their_rows(loop: Any) -> None:
    released = []

    async def job() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.shield(sync_to_async(time.sleep)(0.2))
            released.append(True)
            raise

    loop.spawn(job())
    loop.drain(0.05)

    assert released == [True]


def test_a_job_that_fails_is_logged_and_leaves_its_room_to_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    loop = Loop(most=1, threads=1)

    async def job() -> None:
        raise RuntimeError("boom")

    loop.spawn(job())
    loop.spawn(asyncio.sleep(0))
    loop.drain(5)

    assert "A job failed" in caplog.text


def test_a_job_runs_in_the_context_of_whoever_spawned_it(loop: Any) -> None:
    request = contextvars.ContextVar("request", default="")
    request.set("r1")

    async def job() -> str:
        return await sync_to_async(request.get)()

    assert loop.submit(job()).result(5) == "r1"


def test_a_loop_that_ends_leaves_no_thread_and_no_connection(bot: Any, pachca: Any) -> None:
    pachca.will_answer(200, {"data": {}})
    before = threading.active_count()
    loop = Loop(most=1, threads=2)
    assert loop.submit(Api(bot.token, bot.api_url).call("get_profile")).result(5).ok

    loop.close()

    endpoint = 1  # the fake's own thread for the connection, until it sees that it is closed
    assert threading.active_count() <= before + endpoint


def test_a_job_that_never_lets_go_does_not_hold_up_the_end() -> None:
    loop, over = Loop(most=1, threads=1), threading.Event()

    async def holds_on() -> None:
        over.wait(30)

    loop.spawn(holds_on())
    started = time.monotonic()
    loop.close()
    took = time.monotonic() - started
    over.set()

    assert took < 10
