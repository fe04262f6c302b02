"""Signing in by password: who gets in, and what the others learn."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django.fixtures import SettingsWrapper

from accounts import actions
from accounts.tests.conftest import PASSWORD, link_in
from twitter.models import User


def change_address(client: Client, email: str) -> Any:
    """Ask for another e-mail address, with the password that this takes."""
    asked: Any = client.post("/account/email", {"email": email, "action_add": "1"})
    return client.post(asked.url, {"password": PASSWORD})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("name", ["ann", "ANN", " ann ", "ann@example.com", "Ann@Example.COM"])
def test_a_person_signs_in_by_username_or_email(client: Any, ann: Any, name: str) -> None:
    response = client.post("/login", {"username": name, "password": PASSWORD})

    assert (response.status_code, response.url) == (302, "/")
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ann", "wrong"),
        ("ann@example.com", "wrong"),
        ("nobody", PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("ann", ""),
        ("", PASSWORD),
        ("ann\x00", PASSWORD),
        ("a" * 5000, PASSWORD),
    ],
)
def test_who_does_not_know_the_password_stays_out(
    client: Any, ann: Any, name: Any, password: Any
) -> None:
    response = client.post("/login", {"username": name, "password": password})

    assert response.status_code == 200
    assert not is_signed_in(client)


def test_a_wrong_name_and_a_wrong_password_look_the_same(client: Any, ann: Any) -> None:
    pages = [
        client.post("/login", {"username": name, "password": "wrong"}).content.decode()
        for name in ("ann", "eve", "ann@example.com", "eve@example.com")
    ]

    hidden = [re.sub(r'value="[^"]*"', "", page) for page in pages]
    assert len(set(hidden)) == 1
    assert "do not match" in hidden[0]


def test_a_blocked_person_learns_nothing(client: Any, ann: Any) -> None:
    ann.is_active = False
    ann.save()

    response = client.post("/login", {"username": "ann", "password": PASSWORD})

    assert "do not match" in response.content.decode()


def test_an_unconfirmed_address_signs_nobody_in(client: Any, ann: Any) -> None:
    client.force_login(ann)
    ann.emailaddress_set.create(email="chief@example.com", verified=False, primary=False)

    response = Client().post("/login", {"username": "chief@example.com", "password": PASSWORD})

    assert response.status_code == 200


def test_a_username_like_an_address_comes_before_the_address(client: Any, ann: Any) -> None:
    User.objects.create_user("ann@example.com", password="another password")

    for password in (PASSWORD, "another password"):
        browser = Client()
        browser.post("/login", {"username": "ann@example.com", "password": password})
        assert is_signed_in(browser)


def test_the_session_gets_a_new_key(client: Any, ann: Any) -> None:
    client.get("/login")
    client.session["x"] = 1
    session = client.session
    session.save()
    client.cookies["sessionid"] = session.session_key
    before = session.session_key

    client.post("/login", {"username": "ann", "password": PASSWORD})

    assert client.session.session_key != before


@pytest.mark.parametrize(
    ("next", "lands"),
    [("/bookmarks", "/bookmarks"), ("https://evil.example/", "/"), ("//evil.example", "/")],
)
def test_signing_in_leads_back_but_never_elsewhere(
    client: Any, ann: Any, next: str, lands: str
) -> None:
    sent = {"username": "ann", "password": PASSWORD, "next": next}

    assert client.post("/login", sent).url == lands


def test_nobody_can_register(client: Any, db: Any) -> None:
    page = client.get("/account/join")
    sent = {"username": "eve", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/account/join", sent)

    assert "By invitation" in page.content.decode()
    assert not User.objects.filter(username="eve").exists()


def test_the_admin_is_entered_by_the_same_page(client: Any, ann: Any, root: Any) -> None:
    assert client.get("/admin/login/?next=/admin/").url.startswith("/login?next=")

    client.post("/login", {"username": "root", "password": PASSWORD})

    assert client.get("/admin/").status_code == 200


def test_a_password_is_not_accepted_by_the_admins_own_form(client: Any, root: Any) -> None:
    response = client.post("/admin/login/", {"username": "root", "password": PASSWORD})

    assert response.url.startswith("/login")
    assert not is_signed_in(client)


def test_staff_only_means_staff(client: Any, ann: Any) -> None:
    client.force_login(ann)

    assert client.get("/admin/login/").status_code == 403


def test_signing_out_takes_a_post(client: Any, ann: Any) -> None:
    client.force_login(ann)

    assert client.get("/logout").status_code == 200
    assert is_signed_in(client)
    assert client.post("/logout").url == "/"
    assert not is_signed_in(client)


def test_a_password_is_changed(client: Any, ann: Any) -> None:
    other = Client()
    for browser in (client, other):
        browser.post("/login", {"username": "ann", "password": PASSWORD})
    new = "a completely new phrase"

    sent = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    response = client.post("/account/password", sent)

    assert response.url == "/account"
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert User.objects.get(pk=ann.pk).check_password(new)


def test_a_password_is_not_changed_without_the_old_one(client: Any, ann: Any) -> None:
    client.force_login(ann)

    sent = {"oldpassword": "wrong", "password1": "new phrase 1", "password2": "new phrase 1"}
    response = client.post("/account/password", sent)

    assert "not correct" in response.content.decode()


def test_a_forgotten_password_is_replaced_by_mail(client: Any, ann: Any) -> None:
    response = client.post("/password", {"email": "Ann@example.com"})

    (message,) = mail.outbox
    assert response.url == "/password/sent"
    assert message.to == ["ann@example.com"]
    assert "Your username is ann." in message.body
    link = link_in(message.body)
    form = client.get(link, follow=True)
    new = "a completely new phrase"
    done = client.post(form.context["action_url"], {"password1": new, "password2": new})
    assert done.url == "/password/done"
    assert User.objects.get(pk=ann.pk).check_password(new)
    assert "no longer works" in Client().get(link).content.decode()


def test_asking_for_a_new_password_tells_nobody_who_is_known(client: Any, ann: Any) -> None:
    known = client.post("/password", {"email": "ann@example.com"})
    unknown = client.post("/password", {"email": "eve@example.com"})

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [message.to for message in mail.outbox] == [["ann@example.com"], ["eve@example.com"]]
    assert "no account has this address" in mail.outbox[1].body


def test_a_mail_server_that_is_down_tells_nobody_who_is_known(
    client: Any, ann: Any, settings: SettingsWrapper
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    pages = [client.post("/password", {"email": each}) for each in ("ann@example.com", "x@y.zz")]

    assert [page.url for page in pages] == ["/password/sent"] * 2


def test_without_a_mail_server_the_page_says_so(
    client: Any, ann: Any, settings: SettingsWrapper
) -> None:
    settings.EMAIL_IS_CONFIGURED = False

    page = client.get("/password")

    assert page.status_code == 404
    assert "does not send e-mail" in page.content.decode()


def test_a_new_address_counts_once_it_is_confirmed(client: Any, ann: Any) -> None:
    client.post("/login", {"username": "ann", "password": PASSWORD})

    change_address(client, "anna@example.org")

    (message,) = mail.outbox
    assert message.to == ["anna@example.org"]
    assert User.objects.get(pk=ann.pk).email == "ann@example.com"
    link = link_in(message.body)
    assert client.get(link).status_code == 200
    assert client.post(link).url == "/account"
    assert User.objects.get(pk=ann.pk).email == "anna@example.org"
    assert list(ann.emailaddress_set.values_list("email", flat=True)) == ["anna@example.org"]


def test_the_address_of_another_is_neither_revealed_nor_taken(
    client: Any, ann: Any, root: Any
) -> None:
    actions.confirm_email(root, "root@example.com")
    client.post("/login", {"username": "ann", "password": PASSWORD})

    response = change_address(client, "root@example.com")

    assert response.status_code == 302
    link = link_in(mail.outbox[0].body)
    assert "no longer works" in client.get(link).content.decode()
    client.post(link)
    assert User.objects.get(pk=ann.pk).email == "ann@example.com"


def test_changing_the_address_asks_for_the_password_again(client: Any, ann: Any) -> None:
    client.post("/login", {"username": "ann", "password": PASSWORD})

    asked = client.post("/account/email", {"email": "x@example.org", "action_add": "1"})
    refused = client.post(asked.url, {"password": "wrong"})

    assert asked.url.startswith("/account/confirm")
    assert "not correct" in refused.content.decode()
    assert mail.outbox == []


def test_an_administrator_changes_an_address(client: Any, ann: Any, root: Any) -> None:
    client.force_login(root)
    page = client.get(f"/admin/twitter/user/{ann.pk}/change/")
    form = page.context["adminform"].form
    sent = {
        name: form[name].value() for name in form.fields if form[name].value() not in (None, False)
    }
    inlines = {
        f"{it.formset.prefix}-{name}": 0
        for it in page.context["inline_admin_formsets"]
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }

    response = client.post(
        f"/admin/twitter/user/{ann.pk}/change/", {**sent, **inlines, "email": "New@example.com"}
    )

    assert response.status_code == 302, response.context["errors"]
    assert list(ann.emailaddress_set.values_list("email", "verified")) == [
        ("new@example.com", True)
    ]
