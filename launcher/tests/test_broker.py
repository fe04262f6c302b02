import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from pytest_django.fixtures import SettingsWrapper

from core.redis import is_up
from launcher import broker
from launcher.broker import BrokerUnavailable
from launcher.processes import Claim
from launcher.supervisor import Supervisor


def log_of(directory: Path) -> Path:
    return next((directory / "valkey" / "appendonlydir").glob("*.incr.aof"))


def write(directory: Path, *keys: str) -> None:
    """Keep some keys in a broker, and kill it."""
    with broker.running(directory) as url, redis.Redis.from_url(url) as client:
        for key in keys:
            client.set(key, "here")


def read(directory: Path, key: str) -> bool:
    with broker.running(directory) as url, redis.Redis.from_url(url) as client:
        return bool(client.exists(key))


def test_what_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    write(tmp_path, "doorbell")

    assert read(tmp_path, "doorbell")


def test_a_stale_socket_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "valkey.sock").touch()

    with broker.running(tmp_path) as url:
        assert is_up(url)


def cut(log: Path) -> None:
    os.truncate(log, log.stat().st_size - 3)


def spoil_the_end(log: Path) -> None:
    with log.open("ab") as file:
        file.write(b"\0\0\0 what a power cut leaves")


@pytest.mark.parametrize("damage", [cut, spoil_the_end])
def test_a_log_with_a_damaged_end_is_read_up_to_there(
    damage: Callable[[Path], None], tmp_path: Path
) -> None:
    write(tmp_path, "first", "last")

    damage(log_of(tmp_path))

    assert read(tmp_path, "first")


def empty_the_manifest(log: Path) -> None:
    (log.parent / "appendonly.aof.manifest").write_bytes(b"")


def remove_the_base(log: Path) -> None:
    next(log.parent.glob("*.base.aof")).unlink()


@pytest.mark.parametrize("damage", [empty_the_manifest, remove_the_base])
def test_a_log_past_mending_is_set_aside(damage: Callable[[Path], None], tmp_path: Path) -> None:
    write(tmp_path, "doorbell")

    damage(log_of(tmp_path))

    assert not read(tmp_path, "doorbell")
    assert (tmp_path / "valkey" / "appendonlydir.broken").is_dir()


@pytest.mark.parametrize("name", ["with spaces и кириллица", "long" * 40])
def test_any_directory_will_do(name: str, tmp_path: Path) -> None:
    write(tmp_path / name, "doorbell")

    assert read(tmp_path / name, "doorbell")


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    directory = tmp_path / ("long" * 40)

    with broker.running(directory) as url:
        port = url.partition("127.0.0.1:")[2].partition("/")[0]
        with pytest.raises(
            BrokerUnavailable, match=f"Port {port}.* is already in use by valkey-server"
        ):
            next(broker.running(directory).gen)


def test_nobody_answers_where_nobody_is(tmp_path: Path) -> None:
    assert not is_up(f"unix://{tmp_path}/valkey.sock?db=0")


@pytest.fixture
def embedded(settings: SettingsWrapper, tmp_path: Path) -> Any:
    settings.BROKER_IS_EMBEDDED = True
    settings.VAR_DIR, settings.RUN_DIR = tmp_path, tmp_path / "run"
    settings.REDIS_URL = f"unix://{tmp_path}/run/valkey.sock?db=0"
    return tmp_path


async def test_the_broker_is_started_once_and_then_shared(embedded: Any) -> None:
    async with Supervisor(lambda *_: None) as first, Supervisor(lambda *_: None) as second:
        assert await broker.provide(first, "manage.py up") == ""
        assert await broker.provide(second, "test") == f"manage.py up (process {os.getpid()})"


async def test_the_one_who_started_it_ends_it(embedded: Any, settings: SettingsWrapper) -> None:
    async with Supervisor(lambda *_: None) as supervisor:
        await broker.provide(supervisor, "manage.py up")
        assert is_up(settings.REDIS_URL)

    assert not is_up(settings.REDIS_URL)


async def test_a_broker_that_is_held_but_silent_is_refused(
    embedded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "SHARED_TIMEOUT", 0.1)
    Claim(embedded / "run" / "valkey.lock").take("manage.py up")

    with pytest.raises(BrokerUnavailable, match=r"manage.py up .* does not respond"):
        async with Supervisor(lambda *_: None) as supervisor:
            await broker.provide(supervisor, "test")


def test_a_worker_started_by_hand_exits_without_a_broker(embedded: Any) -> None:
    with pytest.raises(SystemExit, match=r"Start `manage.py up`"):
        broker.require()


def test_a_configured_broker_may_come_later(embedded: Any, settings: SettingsWrapper) -> None:
    settings.BROKER_IS_EMBEDDED = False

    broker.require()

    assert not is_up(settings.REDIS_URL)
