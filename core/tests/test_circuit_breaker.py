"""A circuit breaker opens, lets one trial at a time through, and closes."""

import asyncio
import logging

import pytest

from core.backoff import Backoff
from core.circuit_breaker import TRIAL, CircuitBreaker


class Unavailable(Exception):
    """The server is known to be down."""


def breaker_with(first: float = 60.0) -> CircuitBreaker:
    return CircuitBreaker("The server", (OSError,), Unavailable, Backoff(first=first))


def fail(breaker: CircuitBreaker) -> None:
    breaker.end(breaker.begin(), OSError("no answer"))


def test_after_a_failure_calls_fail_at_once() -> None:
    breaker = breaker_with()

    fail(breaker)

    with pytest.raises(Unavailable):
        breaker.begin()


def test_one_trial_at_a_time_is_let_through() -> None:
    breaker = breaker_with(first=0)
    fail(breaker)

    assert breaker.begin() == TRIAL
    with pytest.raises(Unavailable):
        breaker.begin()


def test_a_trial_that_succeeds_closes_the_breaker() -> None:
    breaker = breaker_with(first=0)
    fail(breaker)

    breaker.end(breaker.begin())

    assert not breaker.is_open
    assert breaker.begin() != TRIAL


def test_a_trial_that_fails_leaves_it_open_for_another_trial() -> None:
    breaker = breaker_with(first=0)
    fail(breaker)

    fail(breaker)

    assert breaker.is_open
    assert breaker.begin() == TRIAL


def test_a_trial_that_is_cancelled_makes_way_for_another_one() -> None:
    breaker = breaker_with(first=0)
    fail(breaker)

    breaker.end(breaker.begin(), asyncio.CancelledError())

    assert breaker.is_open
    assert breaker.begin() == TRIAL


def test_an_error_of_another_class_is_an_answer() -> None:
    breaker = breaker_with(first=0)
    fail(breaker)

    breaker.end(breaker.begin(), ValueError("unknown command"))

    assert not breaker.is_open


def test_a_failure_while_other_calls_succeed_is_no_outage() -> None:
    breaker = breaker_with()

    slow = breaker.begin()
    breaker.end(breaker.begin())
    breaker.end(slow, OSError("time-out"))

    assert not breaker.is_open


def test_calls_that_began_before_the_outage_do_not_postpone_the_trial() -> None:
    breaker = CircuitBreaker("It", (OSError,), Unavailable, Backoff(first=0, factor=1))
    calls = [breaker.begin() for _ in range(3)]

    for call in calls:
        breaker.end(call, OSError())

    assert breaker._failures == 1


def test_an_outage_and_its_end_are_logged_once_each(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    breaker = breaker_with(first=0)

    for _ in range(3):
        fail(breaker)
    breaker.end(breaker.begin())

    assert [record.getMessage()[:24] for record in caplog.records] == [
        "The server does not answ",
        "The server answers again",
    ]
