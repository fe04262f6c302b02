"""All clients of Redis give up early, share one circuit breaker, and recover."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from pytest_django.fixtures import SettingsWrapper
from redis.exceptions import RedisError

from core import redis
from core.backoff import Backoff
from core.redis import RedisUnavailable, async_client, circuit_breaker, client, is_up, key
from core.testing import Broker


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Any]:
    server = Broker(tmp_path)
    server.start()
    yield server
    server.stop()


def fail_once(url: str) -> None:
    with pytest.raises(RedisError):
        client(url).ping()


def wait_until_it_answers(url: str) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            client(url).ping()
        except RedisError:
            assert time.monotonic() < end
            time.sleep(0.05)
        else:
            return


def test_a_server_that_hangs_is_given_up_after_the_timeout_and_then_at_once(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis, "BACKOFF", Backoff(first=60))
    client(server.url).ping()

    with server.frozen():
        fail_once(server.url)
        started = time.monotonic()
        for _ in range(100):
            with pytest.raises(RedisUnavailable):
                client(server.url).get("key")

    assert time.monotonic() - started < redis.TIMEOUT


def test_commands_succeed_again_after_a_restart(server: Any) -> None:
    client(server.url).ping()
    server.stop()
    fail_once(server.url)

    server.start()

    wait_until_it_answers(server.url)
    assert not circuit_breaker(server.url).is_open


def test_a_restart_between_two_commands_is_not_noticed(server: Any) -> None:
    client(server.url).set("key", 1)
    server.stop()
    server.start()

    assert client(server.url).get("key") is None


async def test_what_one_kind_of_client_finds_out_holds_for_the_other(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis, "BACKOFF", Backoff(first=60))
    other = async_client(server.url, max_connections=1, timeout=1)
    server.stop()

    fail_once(server.url)

    with pytest.raises(RedisUnavailable):
        await other.ping()


async def test_the_client_for_asyncio_recovers_too(server: Any) -> None:
    other = async_client(server.url, max_connections=2, timeout=1, decode_responses=True)
    server.stop()
    with pytest.raises(RedisError):
        await other.ping()

    server.start()
    wait_until_it_answers(server.url)

    assert await other.ping()
    await other.aclose()


def test_a_script_is_loaded_again_after_a_restart(server: Any) -> None:
    script = client(server.url).register_script("return 7")
    script()
    server.stop()
    server.start()

    assert script() == 7


def test_an_error_in_a_command_is_no_outage(server: Any) -> None:
    with pytest.raises(RedisError):
        client(server.url).execute_command("NO_SUCH_COMMAND")

    assert client(server.url).ping()


def test_pipelines_fail_at_once_too(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "BACKOFF", Backoff(first=60))
    client(server.url).ping()

    with server.frozen():
        fail_once(server.url)
        with pytest.raises(RedisUnavailable):
            client(server.url).pipeline().get("key").execute()


def test_asking_whether_it_is_up_passes_the_circuit_breaker(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis, "BACKOFF", Backoff(first=60))
    server.stop()
    fail_once(server.url)
    assert not is_up(server.url)

    server.start()

    assert is_up(server.url)
    with pytest.raises(RedisUnavailable):
        client(server.url).ping()


@pytest.mark.parametrize("prefix", ["acme", "acme:live"])
def test_keys_begin_with_the_prefix_of_the_settings(settings: SettingsWrapper, prefix: str) -> None:
    settings.REDIS_PREFIX = prefix

    assert key("api", "x") == f"{prefix}:api:x"


def test_the_cache_uses_the_client_of_the_process(
    settings: SettingsWrapper, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Django documents this method only in a comment. If it fails, see core/redis/cache.py."""
    monkeypatch.setattr(redis, "BACKOFF", Backoff(first=60))
    settings.CACHES = {
        "default": {"BACKEND": "core.redis.cache.RedisCache", "LOCATION": server.url}
    }
    cache = caches["default"]
    cache.set("key", {"a": 1})
    assert cache.get("key") == {"a": 1}

    with server.frozen():
        fail_once(server.url)
        with pytest.raises(RedisUnavailable):
            cache.get("key")
