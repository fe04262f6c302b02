"""Fixtures of the microblog's tests."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from pytest_django.fixtures import SettingsWrapper

from realtime.testing import broker, sockets
from twitter.api.gate import WINDOW, gate
from twitter.models import ApiKey, Media, User
from twitter.tests.factories import make_person

__all__ = ["broker", "sockets"]


@pytest.fixture
def start_of_window() -> Iterator[None]:
    """Start at the first second of a window of the rate limiter, so that no test spans two."""
    with time_machine.travel((time.time() // WINDOW.seconds + 1) * WINDOW.seconds, tick=True):
        yield


@pytest.fixture
def ann(db: None) -> User:
    return make_person("ann", "Анна Соколова")


@pytest.fixture
def bob(db: None) -> User:
    return make_person("bob", "Борис Кузнецов")


@pytest.fixture
def moderator(db: None) -> User:
    """Somebody who may hide and restore tweets, and nothing else."""
    person = make_person("vera", "Вера Орлова")
    person.user_permissions.add(Permission.objects.get(codename="moderate"))
    return person


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root", name="Ольга")


@pytest.fixture(autouse=True)
def _apart(settings: SettingsWrapper, tmp_path: Path) -> None:
    """Store pictures in a directory of the test, and count its calls separately."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.API_CALLS_PER_KEY = settings.API_CALLS_PER_STRANGER = 1_000_000
    gate.cache_clear()


def caller(person: User) -> Client:
    """Return a client that shows a key of `person`."""
    _, key = ApiKey.objects.make(person, "tests")
    client = Client(headers={"api-key": key})
    client.get("/api/users/me")  # the use of the key is noted once a minute
    return client


@pytest.fixture
def api(ann: User) -> Client:
    return caller(ann)


@pytest.fixture
def signed_in(client: Client, ann: User) -> Client:
    """A client through which Ann has signed in."""
    client.force_login(ann)
    return client


@pytest.fixture
def db_vendor() -> str:
    return connection.vendor


@pytest.fixture
def picture_of() -> Any:
    """Make a picture that somebody has uploaded."""

    def make(owner: Any) -> Any:
        facts = {"kind": "png", "size": 1, "width": 1, "height": 1}
        return Media.objects.create(owner=owner, token="t", file="tweets/p-t.png", **facts)

    return make
