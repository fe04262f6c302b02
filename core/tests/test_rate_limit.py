"""Limits hold over processes and threads, and in each process while Redis is down."""

import asyncio
import threading
import time
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from core import redis
from core.redis.rate_limit import LocalWindows, RateLimiter, Window, rate_limiter, seconds_left

DOWN = "redis://127.0.0.1:9"


@pytest.fixture(params=["shared by Redis", "local, with Redis down"])
def limiter(request: Any) -> Any:
    # A machine that is busy elsewhere is not a Redis that is down.
    up = Redis.from_url(settings.REDIS_URL, socket_timeout=60)
    return RateLimiter(up if "shared" in request.param else redis.client(DOWN))


@pytest.fixture
def subject() -> str:
    return uuid4().hex


def most_in_a_window(calls: list[tuple[float, float]], seconds: float) -> int:
    """Return how many were surely counted in one window, of calls that began and ended so."""
    return max(
        sum(start <= began and ended < start + seconds for began, ended in calls)
        for start, _ in calls
    )


async def test_a_sliding_window_never_holds_more_calls_than_it_may(
    limiter: Any, subject: Any
) -> None:
    window = Window("w", 5, 0.2)
    taken: list[tuple[float, float]] = []

    async def caller() -> None:
        while len(taken) < 18:
            before = time.monotonic()
            if wait := await limiter.take(subject, [window]):
                await asyncio.sleep(wait)
            else:
                taken.append((before, time.monotonic()))

    await asyncio.gather(*(caller() for _ in range(6)))

    assert most_in_a_window(taken, 0.19) <= 5


async def test_a_sliding_window_holds_as_many_calls_as_it_may(limiter: Any, subject: Any) -> None:
    window = Window("w", 5, 600)

    waits = await asyncio.gather(*(limiter.take(subject, [window]) for _ in range(18)))

    assert sum(not wait for wait in waits) == 5


async def test_what_has_to_wait_for_one_window_takes_nothing_from_the_other(
    limiter: Any, subject: Any
) -> None:
    wide, narrow = Window("wide", 2, 60), Window("narrow", 1, 60)

    first, second, third, fourth = [
        await limiter.take(subject, windows)
        for windows in ([wide, narrow], [wide, narrow], [wide], [wide])
    ]

    assert (first, third) == (0, 0)
    assert 0 < second <= 60
    assert 0 < fourth <= 60


async def test_processes_share_the_count(subject: Any) -> None:
    one, other = (RateLimiter(redis.client(settings.REDIS_URL)) for _ in range(2))
    window = Window("w", 1, 60)

    assert await one.take(subject, [window]) == 0
    assert await other.take(subject, [window]) > 0


def test_limits_hold_over_threads_with_loops_of_their_own(subject: Any) -> None:
    limiter = RateLimiter(Redis.from_url(settings.REDIS_URL, socket_timeout=60))
    window = Window("w", 3, 60)
    taken: list[float] = []

    def take() -> None:
        taken.append(asyncio.run(limiter.take(subject, [window])))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert taken.count(0) == 3


def test_local_windows_do_not_grow_for_ever() -> None:
    windows = LocalWindows()
    for chat in range(25_000):
        windows.take([Window(str(chat), 1, 60)])

    assert len(windows._times) < 15_000


def test_fixed_windows_count_each_call_and_start_over(subject: Any, time_machine: Any) -> None:
    limiter = rate_limiter(settings.REDIS_URL)
    short, long = Window("short", 1, 10), Window("long", 1, 60)
    time_machine.move_to(1_000_000_020, tick=False)

    assert [limiter.count(subject, [short, long]) for _ in range(2)] == [[1, 1], [2, 2]]
    time_machine.move_to(1_000_000_030, tick=False)
    assert limiter.count(subject, [short, long]) == [1, 3]


def test_counting_returns_other_values_in_the_same_trip(subject: Any) -> None:
    redis.client(settings.REDIS_URL).set(subject, "7", ex=60)

    counted = rate_limiter(settings.REDIS_URL).count(
        subject, [Window("w", 1, 60)], also_read=[subject, f"{subject}-missing"]
    )

    assert counted == [1, b"7", None]


def test_counting_fails_while_redis_is_down(subject: Any) -> None:
    with pytest.raises(RedisError):
        rate_limiter(DOWN).count(subject, [Window("w", 1, 60)])


def test_the_next_fixed_window_begins_when_this_one_ends(time_machine: Any) -> None:
    time_machine.move_to(1_000_000_003.5, tick=False)

    assert seconds_left(Window("w", 1, 5)) == 2
