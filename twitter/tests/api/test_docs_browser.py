"""The page on which the API is tried, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from twitter.models import ApiKey, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def elsewhere(address: str, site: str) -> list[str]:
    return [] if address.startswith((site, "data:", "blob:")) else [address]


@pytest.fixture
def page(browser: Browser, web: str) -> Iterator[Page]:
    """A page that may load nothing from elsewhere, and must not complain."""
    context = browser.new_context(locale="en-US", base_url=web)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(f"{line.type}: {line.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda sent: complaints.extend(elsewhere(sent.url, web)))
    yield page
    context.close()
    assert complaints == []


def test_a_call_is_tried_with_a_key(page: Page, ann: User) -> None:
    _, key = ApiKey.objects.make(ann, "tests")
    page.goto("/docs")

    page.get_by_role("button", name="Authorize").click()
    dialog = page.locator(".modal-ux")
    dialog.locator("input").first.fill(key)
    dialog.get_by_role("button", name="Apply credentials").first.click()
    dialog.get_by_role("button", name="Close").last.click()
    call = page.locator("#operations-people-Me_get")
    call.locator(".opblock-summary-control").click()
    call.get_by_role("button", name="Try it out").click()
    call.get_by_role("button", name="Execute").click()

    answer = call.locator(".live-responses-table")
    expect(answer.locator(".response-col_status").last).to_contain_text("200")
    expect(answer).to_contain_text("Анна Соколова")
