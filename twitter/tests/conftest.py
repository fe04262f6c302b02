"""Fixtures of the microblog's tests."""

import pytest
from django.test import Client

from realtime.testing import broker, sockets
from twitter.models import ApiKey, User
from twitter.tests.factories import make_person

__all__ = ["broker", "sockets"]


@pytest.fixture
def ann(db: None) -> User:
    return make_person("ann", "Анна Соколова")


@pytest.fixture
def api(ann: User) -> Client:
    """A caller that shows Ann's key."""
    _, key = ApiKey.objects.make(ann, "tests")
    client = Client(headers={"api-key": key})
    client.get("/api/users/me")  # the use of the key is noted once a minute
    return client


@pytest.fixture
def browser(client: Client, ann: User) -> Client:
    """A browser in which Ann has signed in."""
    client.force_login(ann)
    return client
