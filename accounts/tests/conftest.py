"""People and links."""

import re
from uuid import uuid4

import pytest
from pytest_django.fixtures import SettingsWrapper

from accounts import actions
from accounts.pages.invitations import link_to
from twitter.models import User

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _apart(settings: SettingsWrapper) -> None:
    """No attempt of one test counts in another."""
    settings.ACCOUNT_RATE_LIMITS = False
    settings.REDIS_PREFIX = f"test-{uuid4().hex}"


@pytest.fixture
def ann(db: None) -> User:
    person = User.objects.create_user("ann", name="Анна Соколова", password=PASSWORD)
    actions.confirm_email(person, "ann@example.com")
    return person


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root", name="Ольга", password=PASSWORD)


def link_in(text: object) -> str:
    """Return the path of the first link to this site."""
    found = re.search(r"https?://[^/\s]+(/[^\s<]+)", str(text))
    assert found, text
    return found[1]


def path_to(token: str) -> str:
    return link_in(link_to(token))
