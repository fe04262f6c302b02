"""Confirming who one is, without a password."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from accounts.tests.test_second_factor import code_of
from twitter.models import User

PROTECTED = ["/account/app", "/account/passkeys/add", "/account/password/new", "/account/delete"]


@pytest.fixture
def vera(client: Client, db: None) -> User:
    """Somebody without a password, who has just signed in elsewhere."""
    person = User.objects.create_user("vera")
    assert not person.has_usable_password()
    client.force_login(person)
    return person


@pytest.mark.parametrize("path", PROTECTED)
def test_a_sign_in_confirms_for_people_without_a_password(
    client: Client, vera: User, path: str
) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", PROTECTED)
def test_people_without_a_password_sign_in_again_after_a_while(
    client: Client, vera: User, path: str
) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        answer = client.get(path)

    assert answer.headers["Location"] == f"/login?next={path}"
    assert "_auth_user_id" not in client.session


def test_they_set_up_an_app_and_see_the_recovery_codes(client: Client, vera: User) -> None:
    form: Any = client.get("/account/app")
    done = client.post("/account/app", {"code": code_of(form.context["form"].secret)})

    assert done.headers["Location"] == "/account/codes"
    assert client.get("/account/codes").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        asked = client.get("/account/codes")
    assert asked.headers["Location"].startswith("/account/confirm/code")


def test_a_later_sign_in_confirms_nothing_for_who_has_a_second_factor(
    client: Client, vera: User
) -> None:
    form: Any = client.get("/account/app")
    client.post("/account/app", {"code": code_of(form.context["form"].secret)})

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        client.force_login(vera)
        asked = client.get("/account/codes")

    assert Authenticator.objects.filter(user=vera).exists()
    assert asked.headers["Location"].startswith("/account/confirm/code")


def test_staff_without_a_password_set_up_their_second_factor(
    client: Client, vera: User, settings: SettingsWrapper
) -> None:
    settings.STAFF_SECOND_FACTOR = True
    User.objects.update(is_staff=True)

    assert client.get("/admin/").headers["Location"] == "/account/second-factor"
    form: Any = client.get("/account/app")
    client.post("/account/app", {"code": code_of(form.context["form"].secret)})
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("passwords", [True, False])
def test_an_old_password_is_asked_for_only_while_it_is_accepted(
    client: Client, ann: User, settings: SettingsWrapper, passwords: bool
) -> None:
    client.force_login(ann)
    settings.PASSWORD_SIGN_IN = passwords

    fresh = client.get("/account/app")
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        stale = client.get("/account/app")

    assert fresh.status_code == (302 if passwords else 200)
    page = "/account/confirm" if passwords else "/login"
    assert stale.headers["Location"].startswith(f"{page}?next=")
