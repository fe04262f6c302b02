"""Fixtures of the microblog's tests."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client

from realtime.testing import broker, sockets
from twitter.api.gate import gate
from twitter.models import ApiKey, Media, User
from twitter.tests.factories import make_person

__all__ = ["broker", "sockets"]


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
def _apart(settings, tmp_path):
    """Pictures of a test go where nobody else's are, and no call counts in another test."""
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
def picture_of():
    """Make a picture that somebody has uploaded."""

    def make(owner):
        facts = {"kind": "png", "size": 1, "width": 1, "height": 1}
        return Media.objects.create(owner=owner, token="t", file="tweets/p-t.png", **facts)

    return make
