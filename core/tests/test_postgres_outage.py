"""The circuit breaker around getting a connection, without a database."""

import threading
from typing import NoReturn

import pytest
from psycopg import OperationalError

from core.backoff import Backoff
from core.postgres.outage import Breaker, DatabaseIsDown


def fail() -> NoReturn:
    raise OperationalError("no connection")


def open_breaker() -> Breaker:
    """Return a breaker that has just seen a failure, and lets a trial through at once."""
    breaker = Breaker(Backoff(first=0))
    with pytest.raises(OperationalError):
        breaker.call(fail, fail)
    return breaker


def test_after_a_failure_calls_fail_at_once_for_a_second() -> None:
    breaker = Breaker()
    with pytest.raises(OperationalError, match="no connection"):
        breaker.call(fail, fail)

    with pytest.raises(DatabaseIsDown):
        breaker.call(lambda: "connection", lambda: "connection")


def test_one_thread_at_a_time_tries_whether_the_database_is_back() -> None:
    breaker = open_breaker()
    refused = []

    def try_slowly() -> str:
        def another() -> None:
            try:
                breaker.call(fail, fail)
            except DatabaseIsDown as error:
                refused.append(error)

        thread = threading.Thread(target=another)
        thread.start()
        thread.join()
        return "connection"

    assert breaker.call(fail, try_slowly) == "connection"
    assert len(refused) == 1
    assert not breaker.is_open


def test_a_connection_that_was_not_verified_does_not_end_an_outage() -> None:
    breaker = open_breaker()

    with pytest.raises(OperationalError):
        breaker.call(lambda: "connection to a server that hangs", fail)

    assert breaker.is_open


def test_a_pool_that_is_merely_busy_is_no_outage() -> None:
    """One thread waits in vain while others are given connections."""
    breaker = Breaker()

    def wait_in_vain() -> NoReturn:
        breaker.call(lambda: "connection", fail)
        fail()

    with pytest.raises(OperationalError):
        breaker.call(wait_in_vain, fail)

    assert not breaker.is_open
