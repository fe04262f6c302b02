"""The first sign-in with Pachca in Chromium: the button, the consent page, the new account."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from sandbox.actions import add_person
from sandbox.models import Account
from twitter.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, sandbox: str) -> Iterator[Page]:
    """A window of a phone; at the end no script and no form may have been refused."""
    complaints: list[str] = []
    phone = {"width": 390, "height": 844}
    with browser.new_context(base_url=sandbox, locale="en-US", viewport=phone) as context:  # type: ignore[arg-type]  # a TypedDict
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if "Content Security" in said.text else None,
        )
        yield page
    assert complaints == []


def test_the_first_sign_in_with_pachca(page: Page, vera: Account) -> None:
    add_person("Глеб Морозов", "gleb")

    page.goto("/login?next=/account")
    page.get_by_role("link", name="Sign in with Pachca").click()
    expect(page.get_by_role("heading", name="Authorize Demo?")).to_be_visible()
    page.get_by_label("Глеб Морозов").check()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()

    person = User.objects.get()
    assert (person.username, person.name) == ("gleb", "Глеб Морозов")


def test_who_cancels_is_back_at_the_sign_in_page(page: Page, vera: Account) -> None:
    page.goto("/login")
    page.get_by_role("link", name="Sign in with Pachca").click()
    page.get_by_role("button", name="Cancel").click()

    page.wait_for_url("**/login")
    expect(page.get_by_role("link", name="Sign in with Pachca")).to_be_visible()
    assert not User.objects.exists()
