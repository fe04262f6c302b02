"""Unlinking a Pachca account, which may be the only way to sign in."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from pytest_django.fixtures import SettingsWrapper

from bots.models import PachcaAccount
from twitter.models import User

SIGNS_IN = {"clientExtensionResults": {"credProps": {"rk": True}}}
SECOND_FACTOR = {"clientExtensionResults": {"credProps": {"rk": False}}}


@pytest.fixture
def link(client: Client, db: None, settings: SettingsWrapper) -> PachcaAccount:
    """The link of somebody without a password, who is signed in."""
    settings.PACHCA_SIGN_IN_SANDBOX = True
    person = User.objects.create_user("vera")
    client.force_login(person)
    return PachcaAccount.objects.link(person, 7, in_sandbox=True)


def unlink(client: Client, link: PachcaAccount) -> str:
    page: Any = client.post(f"/bots/link/{link.pk}/remove", follow=True)
    return str(page.content.decode())


def test_the_only_way_to_sign_in_is_kept(client: Client, link: PachcaAccount) -> None:
    assert "Set a password or add a passkey" in unlink(client, link)
    assert PachcaAccount.objects.exists()


def test_without_passwords_an_administrator_unlinks(
    client: Client, link: PachcaAccount, settings: SettingsWrapper
) -> None:
    settings.PASSWORD_SIGN_IN = False
    link.person.set_password("correct horse battery")
    link.person.save()
    client.force_login(link.person)

    assert "Ask an administrator" in unlink(client, link)
    assert PachcaAccount.objects.exists()


def add_password(person: User) -> None:
    person.set_password("correct horse battery")
    person.save()


def add_passkey(person: User) -> None:
    Authenticator.objects.create(
        user=person, type="webauthn", data={"name": "", "credential": SIGNS_IN}
    )


def add_link(person: User) -> None:
    PachcaAccount.objects.link(person, 8, in_sandbox=True)


@pytest.mark.parametrize("add", [add_password, add_passkey, add_link])
def test_with_another_way_it_is_unlinked(client: Client, link: PachcaAccount, add: Any) -> None:
    person = User.objects.get()
    add(person)
    client.force_login(person)

    unlink(client, link)

    assert not PachcaAccount.objects.filter(pk=link.pk).exists()


def test_a_provider_of_single_sign_on_is_another_way(
    client: Client, link: PachcaAccount, settings: SettingsWrapper
) -> None:
    SocialAccount.objects.create(user=User.objects.get(), provider="oidc", uid="1")
    unlink(client, link)
    assert PachcaAccount.objects.exists()

    settings.OIDC_ISSUER = "https://id.example.com"
    unlink(client, link)
    assert not PachcaAccount.objects.exists()


def test_a_key_that_is_only_a_second_factor_is_no_way_to_sign_in(
    client: Client, link: PachcaAccount
) -> None:
    data = {"name": "", "credential": SECOND_FACTOR}
    Authenticator.objects.create(user=User.objects.get(), type="webauthn", data=data)

    unlink(client, link)

    assert PachcaAccount.objects.exists()


def test_a_link_that_does_not_sign_in_is_unlinked(
    client: Client, link: PachcaAccount, settings: SettingsWrapper
) -> None:
    settings.PACHCA_SIGN_IN_SANDBOX = False

    unlink(client, link)

    assert not PachcaAccount.objects.exists()
