"""Several syncs at once, in threads with connections of their own, change everything once."""

from typing import Any

import pytest
from pytest_django.fixtures import SettingsWrapper

from accounts.audit.models import AuditEvent
from accounts.directory.models import Member
from accounts.directory.sync import sync
from accounts.directory.tests.conftest import ask
from accounts.directory.tests.test_sync import account_of, suspend
from bots.models import Bot
from sandbox.models import Account
from twitter.models import User
from twitter.tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quiet(sockets: Any, settings: SettingsWrapper) -> None:
    settings.DIRECTORY_MAX_BLOCKED_PERCENT = 100


def events(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


def test_accounts_are_added_blocked_and_unblocked_once(
    bot: Bot, olga: Account, boris: Account
) -> None:
    at_once(*[lambda: sync(ask())] * 4)
    assert (User.objects.count(), Member.objects.count(), events("account_added")) == (2, 2, 2)

    suspend(olga)
    at_once(*[lambda: sync(ask())] * 4)
    assert (account_of(olga).is_active, events("account_blocked")) == (False, 1)

    suspend(olga, False)
    at_once(*[lambda: sync(ask())] * 4)
    assert (account_of(olga).is_active, events("account_unblocked")) == (True, 1)


def test_superusers_who_leave_at_once_leave_one(bot: Bot, olga: Account, boris: Account) -> None:
    sync(ask())
    User.objects.update(is_superuser=True)
    suspend(olga)
    suspend(boris)

    at_once(*[lambda: sync(ask())] * 4)

    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1
