"""Accessibility of the pages, checked by axe-core in Chromium, light and dark, wide and narrow."""

from collections.abc import Iterable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from project.tests.conftest import Instance, sign_in

pytestmark = pytest.mark.browser

SITE = ("/", "/settings", "/notifications", "/bookmarks", "/search?q=a", "/tweets/1", "/tts/")
ADMIN = (
    "/admin/",
    "/admin/bots/bot/1/change/",
    "/admin/bots/command/",
    "/admin/bots/service/",
    "/admin/bots/broadcast/add/",
    "/admin/twitter/tweet/",
    "/admin/twitter/media/",
    "/admin/twitter/user/1/change/",
    "/admin/auth/group/add/",
    "/admin/sandbox/message/",
)
PHONE: ViewportSize = {"width": 390, "height": 844}
WINDOWS = [(1400, 900, "light"), (390, 844, "dark")]
# Rules whose violations are in the markup of django-unfold and Django's own admin widgets.
FOREIGN_RULES = {
    *("landmark-one-main", "region", "empty-table-header", "label-title-only"),
    *("scrollable-region-focusable", "landmark-unique", "page-has-heading-one", "heading-order"),
}


def violations(page: Page, ignored: Iterable[str] = ()) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url} {it['id']}: {node['html'][:200]}"
        for it in found
        if it["id"] not in ignored
        for node in it["nodes"]
    ]


@pytest.mark.parametrize(("width", "height", "scheme"), WINDOWS)
def test_the_pages_have_no_accessibility_violations(
    instance: Instance, browser: Browser, width: int, height: int, scheme: Any
) -> None:
    size: ViewportSize = {"width": width, "height": height}
    with browser.new_context(viewport=size, color_scheme=scheme, locale="en-US") as context:
        page = context.new_page()
        sign_in(page, instance, "/admin/")
        found = []
        for path in SITE:
            page.goto(instance.url + path)
            found += violations(page)
            width_of_page = page.evaluate("document.documentElement.scrollWidth")
            assert width_of_page <= width, f"{path} scrolls sideways"

    assert found == []


def test_inputs_of_the_admin_have_names(instance: Instance, page: Page) -> None:
    sign_in(page, instance, "/admin/")
    found = []
    for path in ADMIN:
        page.goto(instance.url + path)
        page.wait_for_load_state("load")
        found += violations(page, FOREIGN_RULES)

    assert found == []


def test_a_new_api_key_fits_a_phone_and_can_be_copied(instance: Instance, browser: Browser) -> None:
    allowed = ["clipboard-read", "clipboard-write"]
    with browser.new_context(viewport=PHONE, permissions=allowed) as context:
        page = context.new_page()
        sign_in(page, instance, "/admin/")
        page.goto(f"{instance.url}/settings")
        page.locator("#key-name").fill("laptop")
        page.keyboard.press("Enter")
        key = page.locator("#new-key").inner_text()
        page.locator("[data-copy=new-key]").click()

        assert page.evaluate("navigator.clipboard.readText()") == key
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.reload()
        assert page.locator("#new-key").count() == 0


def test_a_phone_reaches_speech_sandbox_and_admin(instance: Instance, browser: Browser) -> None:
    with browser.new_context(viewport=PHONE, locale="en-US") as context:
        page = context.new_page()
        sign_in(page, instance, "/admin/")
        for name, path in (("Speech", "/tts/"), ("Sandbox", "/sandbox/"), ("Admin", "/admin/")):
            page.goto(instance.url)
            page.get_by_role("button", name="More", exact=True).first.click()
            page.locator("#more-links").get_by_role("link", name=name).click()
            expect(page).to_have_url(f"{instance.url}{path}")


def test_the_dialog_that_hides_a_tweet_shows_a_field_with_a_border_and_the_focus(
    instance: Instance, page: Page
) -> None:
    sign_in(page, instance, "/admin/")
    page.goto(f"{instance.url}/admin/twitter/tweet/1/change/")
    page.locator("[hx-get$=hide_this\\/]").first.click()
    reason = page.locator("#id_reason")
    reason.wait_for()
    page.wait_for_function("document.activeElement.id === 'id_reason'")

    assert reason.evaluate("it => getComputedStyle(it).borderTopWidth") == "1px"


def test_tables_that_are_moved_sideways_on_a_phone_are_reached_by_the_keyboard(
    instance: Instance, browser: Browser
) -> None:
    with browser.new_context(viewport=PHONE, color_scheme="dark") as context:
        page = context.new_page()
        sign_in(page, instance, "/admin/")
        page.goto(f"{instance.url}/admin/realtime/connection/")
        found = Axe().run(page).response["violations"]

    assert "scrollable-region-focusable" not in {it["id"] for it in found}
