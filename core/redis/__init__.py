"""Clients of Redis: one time-out, one outage policy and one prefix of keys for all apps.

A command times out after `TIMEOUT` seconds and is never retried. When Redis does not respond, the
circuit breaker of the process makes further commands fail at once with `RedisUnavailable`, a
`redis.ConnectionError`, until a trial succeeds. It is part of redis-py's retry policy, so it covers
connecting, commands, scripts and pipelines.
"""

import socket
import sys
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, Self, TypeVar

import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError, TimeoutError
from redis.retry import Retry

from core.backoff import Backoff
from core.circuit_breaker import CircuitBreaker

TIMEOUT = 1.0  # seconds
BACKOFF = Backoff(first=0.1, cap=2.0, jitter=0.25)
PREFIX = "svyaz"
FAILURES = (ConnectionError, TimeoutError, OSError)

Result = TypeVar("Result")


class RedisUnavailable(ConnectionError):
    """Redis does not answer."""

    def __init__(self) -> None:
        super().__init__(RedisUnavailable.__doc__)


@lru_cache(maxsize=8)
def client(url: str) -> Any:  # redis-py's types do not distinguish sync and async clients
    """Return this process's client of the Redis at `url`; it keeps a pool of connections."""
    return redis.Redis.from_url(url, **options(url))


def async_client(url: str, max_connections: int, timeout: float, **more: Any) -> Any:
    """Return a client for one event loop with a pool of its own.

    A command waits for a free connection for `timeout` seconds.
    """
    limits = {"max_connections": max_connections, "timeout": timeout}
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        url, **async_options(url), **limits, **more
    )
    return redis.asyncio.Redis.from_pool(pool)


def options(url: str) -> dict[str, Any]:
    """Return the options of this project for a synchronous client."""
    return {**_options(url), "retry": _RetryPolicy(circuit_breaker(url))}


def async_options(url: str) -> dict[str, Any]:
    """Return the options of this project for an asynchronous client."""
    return {**_options(url), "retry": _AsyncRetryPolicy(circuit_breaker(url))}


def key(*parts: str) -> str:
    """Return the name of a key or channel: REDIS_PREFIX and `parts`, joined by colons."""
    name = ":".join(parts)
    prefix = getattr(settings, "REDIS_PREFIX", PREFIX)
    return f"{prefix}:{name}" if prefix else name


def is_up(url: str) -> bool:
    """Ping Redis on a new connection, bypassing the circuit breaker."""
    no_retry = Retry(NoBackoff(), 0)
    with redis.Redis.from_url(url, **{**_options(url), "retry": no_retry}) as probe:
        try:
            return bool(probe.ping())
        except RedisError:
            return False


@lru_cache(maxsize=8)
def circuit_breaker(url: str) -> CircuitBreaker:
    """Return this process's circuit breaker for the Redis at `url`."""
    return CircuitBreaker("Redis", FAILURES, RedisUnavailable, BACKOFF)


def _options(url: str) -> dict[str, Any]:
    timeouts = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
    return {**timeouts, **_keepalive_options(url)}


def _keepalive_options(url: str) -> dict[str, Any]:
    """Return keepalive options that detect a dead peer within 30 seconds."""
    if url.startswith("unix:"):
        return {}
    if sys.platform == "darwin":
        idle = socket.TCP_KEEPALIVE
    else:
        idle = socket.TCP_KEEPIDLE
    times = {idle: 15, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3}
    return {"socket_keepalive": True, "socket_keepalive_options": times}


class _RetryPolicy(Retry):
    """Makes each attempt through the circuit breaker, and only one."""

    def __init__(self, breaker: CircuitBreaker) -> None:
        super().__init__(NoBackoff(), 0, FAILURES)
        self._breaker = breaker

    def __deepcopy__(self, memo: object) -> Self:
        return self  # redis-py copies it for each connection; all share the breaker

    def call_with_retry(
        self,
        do: Callable[[], Result],
        fail: Callable[..., Any],
        is_retryable: Callable[[Exception], bool] | None = None,
        with_failure_count: bool = False,
    ) -> Result:
        mark = self._breaker.begin()
        try:
            result = do()
        except BaseException as error:
            if isinstance(error, FAILURES):
                fail(error, 1) if with_failure_count else fail(error)
            self._breaker.end(mark, error)
            raise
        self._breaker.end(mark)
        return result


class _AsyncRetryPolicy(AsyncRetry):
    """The same for asyncio."""

    def __init__(self, breaker: CircuitBreaker) -> None:
        super().__init__(NoBackoff(), 0)
        self._breaker = breaker

    def __deepcopy__(self, memo: object) -> Self:
        return self

    async def call_with_retry(
        self,
        do: Callable[[], Awaitable[Result]],
        fail: Callable[..., Any],
        is_retryable: Callable[[Exception], bool] | None = None,
        with_failure_count: bool = False,
    ) -> Result:
        mark = self._breaker.begin()
        try:
            result = await do()
        except BaseException as error:
            if isinstance(error, FAILURES):
                await (fail(error, 1) if with_failure_count else fail(error))
            self._breaker.end(mark, error)
            raise
        self._breaker.end(mark)
        return result
