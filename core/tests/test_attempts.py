"""Guessing is slowed down, however many guess at once, and a right answer is no guess."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.conf import settings
from redis.exceptions import RedisError

from core.redis.attempts import AttemptLimit, AttemptLimiter, Counter, attempt_limiter

DOWN = "redis://127.0.0.1:9"


@pytest.fixture
def limiter() -> AttemptLimiter:
    return attempt_limiter(settings.REDIS_URL)


def counter(free: int = 3, first: float = 60, cap: float = 600, memory: float = 3600) -> Counter:
    return Counter(AttemptLimit("test", free, first, cap, memory), uuid4().hex)


def test_after_the_free_attempts_there_is_a_wait(limiter: AttemptLimiter) -> None:
    one = counter()

    waits = [limiter.begin([one]) for _ in range(5)]

    assert waits[:3] == [0, 0, 0]
    assert all(59 < wait <= 60 for wait in waits[3:])


def test_the_wait_doubles_up_to_its_cap(limiter: AttemptLimiter) -> None:
    one = counter(free=1, first=0.4, cap=1.6)
    waits = []

    for _ in range(4):
        while wait := limiter.begin([one]):
            time.sleep(wait)
        waits.append(limiter.begin([one]))

    # On a busy machine, part of a wait is over when it is read.
    longest = [0.4, 0.8, 1.6, 1.6]
    assert all(most - 0.3 < wait <= most for wait, most in zip(waits, longest, strict=True))


def test_attempts_made_at_once_do_not_exceed_the_limit(limiter: AttemptLimiter) -> None:
    one = counter(free=3)

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: limiter.begin([one]), range(200)))

    assert waits.count(0) == 3


def test_an_attempt_that_one_counter_refuses_is_counted_by_none(limiter: AttemptLimiter) -> None:
    narrow, wide = counter(free=1), counter(free=2)
    limiter.begin([narrow, wide])

    for _ in range(5):
        assert limiter.begin([narrow, wide]) > 0

    assert limiter.begin([wide]) == 0
    assert limiter.begin([wide]) > 0


def test_an_attempt_that_was_right_can_be_taken_back(limiter: AttemptLimiter) -> None:
    one = counter(free=2)

    for _ in range(10):
        assert limiter.begin([one]) == 0
        limiter.refund([one])


def test_a_refund_takes_back_one_attempt_only(limiter: AttemptLimiter) -> None:
    one = counter(free=2)
    limiter.begin([one])
    limiter.begin([one])

    limiter.refund([one])

    assert limiter.begin([one]) == 0
    assert limiter.begin([one]) > 0


def test_cleared_attempts_are_forgotten(limiter: AttemptLimiter) -> None:
    one = counter(free=1)
    limiter.begin([one])

    limiter.clear([one])

    assert limiter.begin([one]) == 0


def test_without_redis_nothing_is_allowed_silently() -> None:
    with pytest.raises(RedisError):
        attempt_limiter(DOWN).begin([counter()])
