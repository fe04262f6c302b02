"""The pages of accounts in Chromium: a password, a passkey, an invitation, another session."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from oidc_provider_mock import run_server_in_thread
from playwright.sync_api import Browser, Page, expect

from accounts import actions
from accounts.tests.conftest import PASSWORD, path_to
from twitter.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _hasher_of_the_server(settings: Any) -> None:
    """The server runs with the settings of a developer's machine, not with those of the tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]


@pytest.fixture
def page(browser: Browser, web: str) -> Iterator[Page]:
    """A window at the site's base address; at the end no script may have been refused."""
    complaints: list[str] = []
    with browser.new_context(
        base_url=web.replace("127.0.0.1", "localhost"), locale="en-US"
    ) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if "Content Security" in said.text else None,
        )
        yield page
    assert complaints == []


def sign_in(page: Page, name: str = "ann") -> None:
    page.goto("/login")
    page.get_by_label("Username or e-mail").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/login" not in url)


def add_authenticator(page: Page) -> None:
    """Give the browser a device that holds passkeys and agrees to everything."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_signs_in_and_serves_as_second_factor(page: Page, ann: User) -> None:
    add_authenticator(page)
    sign_in(page)
    page.goto("/account/passkeys/add")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto("/account/second-factor")
    expect(page.get_by_text("Passkey", exact=True)).to_be_visible()

    page.goto("/logout")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/login?next=/account")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Account")).to_be_visible()

    page.goto("/logout")
    page.get_by_role("button", name="Sign out").click()
    sign_in_half = page.goto("/login")
    assert sign_in_half
    page.get_by_label("Username or e-mail").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto("/account")
    expect(page.get_by_role("heading", name="Account")).to_be_visible()


def test_an_invited_person_joins(page: Page, root: User) -> None:
    _made, token = actions.invite(root, name="Вера")

    page.goto(path_to(token))
    page.get_by_label("Username").fill("vera")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Again").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.wait_for_url(lambda url: "/invitations" not in url)

    assert User.objects.get(username="vera").name == "Вера"
    page.goto("/account")
    expect(page.get_by_text("vera", exact=True)).to_be_visible()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_single_sign_on_by_a_provider(
    browser: Browser, live_server: Any, settings: Any, db: None
) -> None:
    with run_server_in_thread() as provider:
        settings.OIDC_ISSUER = f"http://localhost:{provider.server_port}"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = "svyaz", "secret"
        claims = {"name": "Вера", "preferred_username": "vera"}
        httpx.put(f"{settings.OIDC_ISSUER}/users/vera@example.com", json=claims)
        with browser.new_context(base_url=live_server.url, locale="en-US") as context:
            page = context.new_page()
            page.goto("/login?next=/account")
            page.get_by_role("link", name="Sign in with SSO").click()
            page.locator("input[name=sub]").fill("vera@example.com")
            page.get_by_role("button", name="Authorize").click()
            expect(page.get_by_role("heading", name="Account")).to_be_visible()

    assert User.objects.get(username="vera").name == "Вера"


def test_ending_a_session_closes_its_open_page(page: Page, browser: Browser, ann: User) -> None:
    sign_in(page)
    with browser.new_context(base_url=page.url, locale="en-US") as elsewhere:
        other = elsewhere.new_page()
        sign_in(other)
        with other.expect_websocket() as line:
            other.goto("/")
        other.wait_for_selector("#line[data-state=live]")

        page.goto("/account/sessions")
        page.get_by_role("button", name="Sign out Chrome").click()
        expect(page.get_by_text("Signed out there.")).to_be_visible()
        for _ in range(50):
            if line.value.is_closed():
                break
            other.wait_for_timeout(100)

        assert line.value.is_closed()
        other.goto("/account")
        expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
