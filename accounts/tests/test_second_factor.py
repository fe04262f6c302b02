"""Second factors: set up, asked for, enforced for staff, and of no use in a stolen database."""

import time
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
)
from django.test import Client
from pytest_django.fixtures import SettingsWrapper

from accounts.second_factors import encrypt_again
from accounts.tests.conftest import PASSWORD
from twitter.models import User


def code_of(secret: str) -> str:
    """Return what an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def sign_in(client: Client, name: str = "ann") -> Any:
    return client.post("/login", {"username": name, "password": PASSWORD})


def set_up_app(client: Client) -> str:
    """Set up an authenticator app, with the password that this takes; return its secret."""
    asked: Any = client.get("/account/app")
    client.post(asked.url, {"password": PASSWORD})
    form: Any = client.get("/account/app")
    secret: str = form.context["form"].secret
    done: Any = client.post("/account/app", {"code": code_of(secret)})
    assert done["Location"] == "/account/codes"
    return secret


def test_an_app_is_asked_for_at_the_next_sign_in(client: Any, ann: Any) -> None:
    sign_in(client)
    secret = set_up_app(client)
    Authenticator.objects.update(last_used_at=None)
    browser = Client()

    half = sign_in(browser)
    early: Any = browser.get("/account")
    wrong = browser.post("/login/second-factor", {"code": "000000"})
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    done: Any = browser.post("/login/second-factor", {"code": codes[0]})

    assert half["Location"] == "/login/second-factor"
    assert early["Location"].startswith("/login")
    assert "not correct" in wrong.content.decode()
    assert done["Location"] == "/"
    assert browser.get("/account").status_code == 200
    assert secret


def test_a_recovery_code_works_once(client: Any, ann: Any) -> None:
    sign_in(client)
    set_up_app(client)
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]

    answers = []
    for _ in range(2):
        browser = Client()
        sign_in(browser)
        answers.append(browser.post("/login/second-factor", {"code": code}).status_code)

    assert answers == [302, 200]


def test_codes_cannot_be_guessed(client: Any, ann: Any, settings: SettingsWrapper) -> None:
    sign_in(client)
    set_up_app(client)
    settings.ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "10/5m/key"}
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    browser = Client()
    sign_in(browser)

    for number in range(10):
        browser.post("/login/second-factor", {"code": f"{number:06}"})
    response = browser.post("/login/second-factor", {"code": code})

    assert response.status_code == 200
    assert "Too many failed attempts" in response.content.decode()


def test_secrets_are_encrypted_at_rest(client: Any, ann: Any) -> None:
    sign_in(client)
    secret = set_up_app(client)

    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_an_app_is_removed_after_asking_again(client: Any, ann: Any) -> None:
    sign_in(client)
    set_up_app(client)

    page = client.get("/account/second-factor").content.decode()
    done = client.post("/account/app/remove")

    assert "Remove the app" in page
    assert done.status_code == 302
    assert not Authenticator.objects.exists()


def test_the_pages_about_second_factors_open(client: Any, ann: Any) -> None:
    sign_in(client)
    set_up_app(client)

    for path in (
        "second-factor",
        "codes",
        "codes/new",
        "codes/download",
        "passkeys/add",
        "app/remove",
    ):
        assert client.get(f"/account/{path}").status_code == 200, path


def test_staff_are_led_to_set_one_up(client: Any, root: Any, settings: SettingsWrapper) -> None:
    settings.STAFF_SECOND_FACTOR = True
    sign_in(client, "root")

    for path in ("/admin/", "/admin/twitter/user/", "/invitations"):
        assert client.get(path).url == "/account/second-factor"
    assert "Set up a second factor" in client.get("/account/second-factor").content.decode()
    assert client.get("/").status_code == 200

    set_up_app(client)
    assert client.get("/admin/").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(
    client: Any, root: Any, settings: SettingsWrapper
) -> None:
    settings.STAFF_SECOND_FACTOR = True
    sign_in(client, "root")
    Authenticator.objects.create(
        user=root, type="recovery_codes", data={"seed": "x", "used_mask": 0}
    )

    assert client.get("/admin/").url == "/account/second-factor"


def test_without_the_setting_staff_go_on(client: Any, root: Any) -> None:
    client.force_login(root)

    assert client.get("/admin/").status_code == 200


def test_an_administrator_helps_who_lost_the_device(client: Any, ann: Any, root: Any) -> None:
    browser = Client()
    sign_in(browser)
    set_up_app(browser)
    client.force_login(root)

    sent = {"action": "remove_second_factors", "_selected_action": [ann.pk]}
    page = client.post("/admin/twitter/user/", sent, follow=True).content.decode()

    assert "has no second factor any more" in page
    assert sign_in(Client()).url == "/"
    assert browser.get("/account").status_code == 302


def test_a_blocked_person_does_not_finish_signing_in(client: Any, ann: Any) -> None:
    sign_in(client)
    set_up_app(client)
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    browser = Client()
    sign_in(browser)
    User.objects.filter(pk=ann.pk).update(is_active=False)

    browser.post("/login/second-factor", {"code": code})

    assert browser.get("/account").status_code == 302


@pytest.mark.parametrize("credential", ["", "{}", "x", '{"id": 1}', "null"])
def test_a_passkey_that_is_none_is_refused(client: Any, ann: Any, credential: str) -> None:
    response = client.post("/login/passkey", {"credential": credential})

    assert response.url == "/login"
    assert "_auth_user_id" not in client.session


def test_secrets_move_to_a_new_key(client: Any, ann: Any, settings: SettingsWrapper) -> None:
    sign_in(client)
    secret = set_up_app(client)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of at least fifty characters, made for this test"

    moved = encrypt_again()
    settings.SECRET_KEY_FALLBACKS = []

    assert moved == (2, [])
    totp = Authenticator.objects.get(type="totp")
    assert get_adapter().decrypt(totp.data["secret"]) == secret
    settings.SECRET_KEY = "a third key of at least fifty characters, made for this test too"
    count, lost = encrypt_again()
    assert (count, len(lost)) == (0, 2)
