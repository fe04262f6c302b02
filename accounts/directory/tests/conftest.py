"""People in the sandbox, and the bot whose token reads who they are."""

from typing import Any

import pytest
from pytest_django.fixtures import SettingsWrapper

from accounts.directory.roster import Roster, missing_from
from bots.models import Bot
from sandbox import serializers
from sandbox.actions import add_bot, add_person
from sandbox.models import Account
from twitter.tests.conftest import _apart, broker, root, sockets  # noqa: F401

TOKEN = "the token of the bot"


@pytest.fixture
def bot(db: None, settings: SettingsWrapper) -> Bot:
    settings.DIRECTORY_BOT = "staff"
    account = add_bot("Staff", "staff", "", TOKEN)
    return Bot.objects.create(
        name="Staff", slug="staff", token=TOKEN, in_sandbox=True, pachca_user_id=account.pk
    )


@pytest.fixture
def olga(db: None) -> Account:
    return add_person("Olga Orlova", "olga")


@pytest.fixture
def boris(db: None) -> Account:
    return add_person("Boris Bykov", "boris")


def ask(*gone: int, complete: bool = True) -> Roster:
    """Return what the sandbox would say now of all people."""
    roster = Roster(in_sandbox=True, gone=set(gone), is_complete=complete)
    for account in Account.objects.prefetch_related("tags"):
        roster.add(serializers.user(account))
    if complete:
        roster.gone |= missing_from(roster)
    return roster


def ask_about(*people: Any) -> Roster:
    """Return what the sandbox would say of some people."""
    roster = Roster(in_sandbox=True)
    for person in people:
        roster.add(serializers.user(person))
    return roster
