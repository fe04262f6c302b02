"""The admin's own pages in a real browser, as an administrator goes through them."""

import re

import pytest
from playwright.sync_api import Page, expect

from project.tests.conftest import Instance, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def page(page: Page, instance: Instance) -> Page:
    """The admin, where the demo's administrator has signed in."""
    sign_in(page, instance, "/admin/")
    return page


def choose_the_demo_bot(page: Page) -> None:
    page.locator(".field-bot .select2-selection").click()
    page.locator(".select2-results__option", has_text="Демо").click()


def test_a_command_is_made_without_code_and_tried(page: Page, instance: Instance) -> None:
    page.goto(f"{instance.url}/admin/bots/command/add/")
    choose_the_demo_bot(page)
    page.fill("#id_name", "wifi")
    page.select_option("#id_action", "text")
    page.fill("#id_text", "The password is tea-for-{args}.")
    page.locator("[name=_save]").click()

    row = page.locator("#result_list tbody tr", has_text="/wifi")
    expect(row).to_contain_text("Reply with a text")
    row.get_by_role("link", name="/wifi").click()
    page.get_by_role("link", name=re.compile(r"\bTest$")).click()
    page.get_by_label("Message").fill("/wifi two")
    page.get_by_role("button", name="Test", exact=True).click()

    expect(page.get_by_text("The password is tea-for-two.")).to_be_visible()


def test_the_check_page_finds_nothing_wrong_with_the_demo_bot_and_writes_it(
    page: Page, instance: Instance
) -> None:
    page.goto(f"{instance.url}/admin/bots/bot/1/change/")
    page.get_by_role("link", name="Check and set up").click()
    expect(page.get_by_text("Accepted.")).to_be_visible()

    page.get_by_role("button", name="Write to Pachca").click()

    expect(page.get_by_text(re.compile(r"Written: \d+ commands"))).to_be_visible()
    expect(page.get_by_text("wrong", exact=True)).to_have_count(0)


def test_the_page_of_a_tweet_keeps_its_line_breaks(page: Page, instance: Instance) -> None:
    lines = {"tweet_data": "One\n\ntwo <b>three</b>"}
    instance.call("POST", "/api/tweets", headers={"api-key": "test"}, json=lines)

    page.goto(f"{instance.url}/admin/twitter/tweet/")
    page.locator("#result_list tbody tr").first.locator("a").first.click()

    text = page.locator(".readonly", has_text="two <b>three</b>")
    expect(text).to_have_text(lines["tweet_data"], use_inner_text=True)


def test_a_broadcast_is_written_started_and_watched_to_its_end(
    page: Page, instance: Instance
) -> None:
    page.goto(f"{instance.url}/admin/bots/broadcast/add/")
    choose_the_demo_bot(page)
    page.fill("#id_text", "The office is closed tomorrow.")
    page.locator("[name=_save]").click()
    page.get_by_role("button", name="Save and start").click()
    page.get_by_role("button", name=re.compile(r"Send to \d+ people")).click()

    # The page shows how far it is by itself.
    expect(page.get_by_text("done", exact=True)).to_be_visible(timeout=30_000)
    expect(page.locator("[role=progressbar]")).to_have_attribute("aria-valuenow", "100")


def test_the_overview_draws_its_charts_for_each_span(page: Page, instance: Instance) -> None:
    for span in ("hour", "day", "month"):
        page.goto(f"{instance.url}/admin/?span={span}")

        charts = page.locator("canvas")
        expect(charts).to_have_count(4)
        drawn = [chart.bounding_box() for chart in charts.all()]
        assert all(box and box["height"] > 50 for box in drawn)
