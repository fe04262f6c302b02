"""Passwords cannot be guessed, nobody is locked out for ever, and no names are given away."""

import logging
import math
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from accounts.limits import (
    PER_ADDRESS,
    PER_NAME,
    PER_NAME_AND_ADDRESS,
    SignInUnavailable,
    TooManyAttempts,
    address_of,
)
from twitter.models import User

DOWN = "redis://127.0.0.1:9"
PASSWORD, WRONG = "correct horse", "wrong"
HERE, THERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def name() -> str:
    return f"ann-{uuid4().hex[:12]}"


@pytest.fixture
def ann(db: None, name: str) -> User:
    return User.objects.create_user(name, password=PASSWORD)


@pytest.fixture
def compared() -> Iterator[list[str]]:
    """The names for which a password was compared, and was wrong."""
    names: list[str] = []

    def note(credentials: dict[str, Any], **_signal: Any) -> None:
        names.append(credentials["username"])

    user_login_failed.connect(note)
    yield names
    user_login_failed.disconnect(note)


def a_network() -> str:
    """Return an address of which nobody has called yet."""
    return f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"


def call_from(address: str) -> HttpRequest:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = address
    return request


def guess(name: str, address: str, password: str = WRONG) -> User | None:
    user = authenticate(call_from(address), username=name, password=password)
    return user if isinstance(user, User) else None


def is_refused(name: str, address: str, password: str = WRONG) -> bool:
    try:
        guess(name, address, password)
    except TooManyAttempts:
        return True
    return False


def test_ten_thousand_guesses_at_one_account_stay_within_the_limit(
    ann: User, compared: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    address, start = a_network(), time.monotonic()

    refused = sum(is_refused(ann.username, address) for _ in range(10_000))

    # The n-th wait is over after first * (2^n - 1) seconds.
    waits = math.log2((time.monotonic() - start) / PER_NAME_AND_ADDRESS.first + 1)
    assert len(compared) <= PER_NAME_AND_ADDRESS.free + waits
    assert refused == 10_000 - len(compared)
    assert is_refused(ann.username, address, PASSWORD)


def test_guesses_from_many_addresses_stay_within_the_limit(ann: User, compared: list[str]) -> None:
    for _ in range(200):
        is_refused(ann.username, a_network())

    assert PER_NAME.free <= len(compared) <= PER_NAME.free + 4


def test_guesses_at_many_names_stay_within_the_limit(db: None, compared: list[str]) -> None:
    address = a_network()

    for _ in range(300):
        is_refused(uuid4().hex, address)

    assert PER_ADDRESS.free <= len(compared) <= PER_ADDRESS.free + 5


def test_guesses_from_elsewhere_do_not_lock_people_out_where_they_have_signed_in(
    ann: User, client: Client
) -> None:
    assert (
        client.post(
            "/login", {"username": ann.username, "password": PASSWORD}, REMOTE_ADDR=HERE
        ).status_code
        == 302
    )
    for _ in range(PER_NAME.free + 20):
        is_refused(ann.username, a_network())

    assert is_refused(ann.username, a_network(), PASSWORD)
    assert guess(ann.username, HERE, PASSWORD) == ann


def test_the_right_password_is_no_attempt(ann: User, client: Client) -> None:
    form = {"username": ann.username, "password": PASSWORD}

    for _ in range(PER_NAME_AND_ADDRESS.free * 3):
        response = client.post("/login", form, REMOTE_ADDR=HERE)
        assert response.status_code == 302
        client.logout()


def test_signing_in_forgets_the_wrong_passwords(ann: User, client: Client) -> None:
    for _ in range(3):
        for _ in range(PER_NAME_AND_ADDRESS.free - 1):
            assert not is_refused(ann.username, HERE)
        form = {"username": ann.username.upper(), "password": PASSWORD}
        assert client.post("/login", form, REMOTE_ADDR=HERE).status_code == 302
        client.logout()


def test_colleagues_at_one_address_do_not_wait_for_each_other(ann: User) -> None:
    address = a_network()
    name = uuid4().hex
    for _ in range(PER_NAME_AND_ADDRESS.free + 1):
        is_refused(name, address)

    assert guess(ann.username, address, PASSWORD) == ann


def test_the_pages_say_how_long_to_wait(ann: User, client: Client) -> None:
    form = {"username": ann.username, "password": "wrong"}
    for _ in range(PER_NAME_AND_ADDRESS.free):
        client.post(reverse("login"), form, REMOTE_ADDR=THERE)

    response = client.post(reverse("login"), {**form, "password": PASSWORD}, REMOTE_ADDR=THERE)

    assert "Too many attempts to sign in. Try again in 2 seconds." in response.content.decode()
    assert not response.wsgi_request.user.is_authenticated


def test_names_that_do_not_exist_are_answered_alike(ann: User, client: Client) -> None:
    def answers(name: str, address: str) -> list[list[str]]:
        form = {"username": name, "password": "wrong"}
        tries = range(PER_NAME_AND_ADDRESS.free + 2)
        pages = [client.post("/login", form, REMOTE_ADDR=address) for _ in tries]
        return [page.context["form"].non_field_errors() for page in pages]

    assert answers(ann.username, a_network()) == answers(uuid4().hex, a_network())


def test_a_refusal_is_logged_without_the_password(
    ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    address = a_network()
    for _ in range(PER_NAME_AND_ADDRESS.free + 1):
        is_refused(ann.username, address, "a wrong secret")

    assert ann.username in caplog.text
    assert str(address_of(call_from(address))) in caplog.text
    assert "secret" not in caplog.text


def test_without_redis_no_password_is_accepted(ann: User, client: Client, settings: Any) -> None:
    settings.REDIS_URL = DOWN
    form = {"username": ann.username, "password": PASSWORD}

    response = client.post(reverse("login"), form)

    assert "Signing in is not possible at the moment." in response.content.decode()
    with pytest.raises(SignInUnavailable):
        guess(ann.username, HERE, PASSWORD)


def test_what_asks_for_no_password_is_not_counted(db: None, settings: Any) -> None:
    settings.REDIS_URL = DOWN

    assert authenticate(call_from(HERE), token="x") is None


@pytest.mark.parametrize(
    ("shown", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
    ],
)
def test_an_ipv6_network_counts_as_one_address(shown: str, counted: str) -> None:
    assert address_of(call_from(shown)) == counted


def test_refusals_are_errors_of_a_form() -> None:
    assert issubclass(TooManyAttempts, ValidationError)
    assert TooManyAttempts(119.2).messages[0].endswith("in 2 minutes.")
    assert TooManyAttempts(0.3).messages[0].endswith("in 1 second.")
