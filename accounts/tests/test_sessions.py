"""The list of sessions: where somebody is signed in, and how each is ended."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from accounts.sessions import device_of
from twitter.models import User

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (PHONE, "Safari, iPhone"),
        (DESKTOP, "Chrome, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0",
            "Firefox, Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/130 YaBrowser/24.1 Safari/537",
            "Yandex Browser, Windows",
        ),
        ("curl/8.5.0", "curl"),
        ("", "Unknown device"),
        ("\u202e<script>", "Unknown device"),
    ],
)
def test_a_device_has_a_name(user_agent: Any, device: str) -> None:
    assert device_of(user_agent) == device


def browser_of(ann: User, user_agent: str, address: str) -> Client:
    browser = Client(headers={"user-agent": user_agent}, REMOTE_ADDR=address)
    browser.post("/login", {"username": "ann", "password": "correct horse battery"})
    return browser


def test_every_session_is_listed_and_each_can_be_ended(ann: Any) -> None:
    desktop, phone = browser_of(ann, DESKTOP, "192.0.2.1"), browser_of(ann, PHONE, "192.0.2.2")
    page = desktop.get("/account/sessions").content.decode()
    on_phone = UserSession.objects.get(ip="192.0.2.2")

    desktop.post("/account/sessions/end", {"session": on_phone.pk})

    assert "Chrome, Linux" in page
    assert "Safari, iPhone" in page
    assert "192.0.2.2" in page
    assert phone.get("/account").status_code == 302
    assert desktop.get("/account").status_code == 200
    assert "iPhone" not in desktop.get("/account/sessions").content.decode()


def test_all_others_end_together(ann: Any) -> None:
    here, *others = [browser_of(ann, DESKTOP, f"192.0.2.{n}") for n in range(1, 4)]

    here.post("/account/sessions/end")

    assert [it.get("/account").status_code for it in (here, *others)] == [200, 302, 302]


def test_nobody_ends_the_session_of_another(client: Any, ann: Any, root: Any) -> None:
    browser = browser_of(ann, DESKTOP, "192.0.2.1")
    client.force_login(root)

    client.post("/account/sessions/end", {"session": UserSession.objects.get(user=ann).pk})

    assert browser.get("/account").status_code == 200


def test_where_a_session_is_used_is_noted_now_and_then(ann: Any) -> None:
    browser = browser_of(ann, DESKTOP, "192.0.2.1")

    browser.get("/account", REMOTE_ADDR="192.0.2.9")
    at_once = UserSession.objects.get().ip
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        browser.get("/account", REMOTE_ADDR="192.0.2.9")

    assert at_once == "192.0.2.1"
    assert UserSession.objects.get().ip == "192.0.2.9"


def test_a_session_from_before_is_listed_once_it_is_used(client: Any, ann: Any) -> None:
    client.force_login(ann)
    UserSession.objects.all().delete()
    session = client.session
    del session["seen_at"]
    session.save()

    client.get("/account")

    assert UserSession.objects.filter(user=ann).count() == 1
