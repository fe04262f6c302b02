"""Pytest fixtures: published events without Redis, and a Redis server of the test's own."""

import json
import warnings
from collections.abc import Iterator
from typing import Any, cast

import pytest
from pytest_django.fixtures import SettingsWrapper

from core.testing import Broker
from realtime.rooms.bus import RedisBus, bus
from realtime.rooms.publication import Publication


class RecordingBus:
    """A bus that records publications instead of sending them."""

    is_behind = False

    def __init__(self) -> None:
        self.frames: list[tuple[str, str]] = []

    def send(self, publication: Publication) -> None:
        """Record a publication."""
        self.frames.append((publication.room, publication.frame))

    @property
    def received(self) -> list[tuple[str, Any]]:
        """The events published so far, as (name, payload), payloads decoded from JSON."""
        events = [json.loads(frame) for _, frame in self.frames]
        return [(event["eventName"], event["payload"]) for event in events]

    @property
    def heard(self) -> list[tuple[str, Any]]:
        """The former name of `received`. Removed in version 0.3."""
        warnings.warn("heard has been renamed to received.", DeprecationWarning, stacklevel=2)
        return self.received


@pytest.fixture
def sockets(settings: SettingsWrapper) -> Iterator[RecordingBus]:
    """Record what is published during the test, in order: `sockets.received`."""
    settings.REALTIME_BUS = "realtime.testing.RecordingBus"
    bus.cache_clear()
    yield cast(RecordingBus, bus())
    bus.cache_clear()


@pytest.fixture
def broker(settings: SettingsWrapper, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Start a Redis server for the test and set it as settings.REDIS_URL."""
    made = Broker(tmp_path_factory.mktemp("broker"))
    made.start()
    settings.REDIS_URL = made.url
    bus.cache_clear()
    yield made
    made.stop()
    used = bus()
    if isinstance(used, RedisBus):
        used.discard()
    bus.cache_clear()
