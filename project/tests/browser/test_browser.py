"""The main job itself, as a newcomer does it: write /start to the demo bot and read its answer."""

import pytest
from playwright.sync_api import Page, expect

from project.tests.conftest import Instance, sign_in, wait_for

pytestmark = pytest.mark.browser


def test_the_bot_answers_start_and_the_admin_shows_the_update(
    instance: Instance, page: Page
) -> None:
    page.goto(f"{instance.url}/sandbox/")
    page.wait_for_selector("#connection[data-state=live]")
    page.locator("#composer-text").fill("/start")
    page.keyboard.press("Enter")

    answer = page.locator("#messages .message:not(.mine)").last
    expect(answer).to_contain_text("/hello")
    trace = page.locator("#pane")
    expect(trace).to_contain_text("message_new")
    expect(trace).to_contain_text("/messages")

    sign_in(page, instance, "/admin/")
    page.goto(f"{instance.url}/admin/bots/update/?q=start")
    update = page.locator("table tbody tr", has=page.get_by_text("/start", exact=True))
    expect(update).to_contain_text("Done", ignore_case=True)
    update.locator("a[href*='/change/']").first.click()
    expect(page.locator("body")).to_contain_text("create_message")


def test_a_tweet_is_told_on_an_open_page_by_itself(instance: Instance, page: Page) -> None:
    page.goto(instance.url)
    page.wait_for_selector("#line[data-state=live]")

    instance.call("POST", "/api/tweets", headers={"api-key": "test"}, json={"tweet_data": "Live!"})

    page.get_by_role("button", name="1 new").click()
    expect(page.locator(".tweet .text").first).to_have_text("Live!")


def test_what_a_linked_person_tells_the_bot_is_on_an_open_page(
    instance: Instance, page: Page
) -> None:
    world = instance.world()
    bot = world["bots"][0]
    (vera,) = [person for person in world["people"] if person["name"].startswith("Вера")]

    def say(text: str) -> None:
        message = {"entity_type": "user", "entity_id": bot["id"], "content": text}
        instance.api("POST", "/messages", vera["token"], json={"message": message})

    page.goto(instance.url)
    page.wait_for_selector("#line[data-state=live]")
    say("/tweet From Pachca")
    page.locator("#fresh").click(timeout=20_000)

    tweet = page.locator(".tweet", has_text="From Pachca")
    expect(tweet.locator(".byline")).to_contain_text("Вера Орлова")
    expect(tweet.locator(".byline")).to_contain_text("@vera")
    number = tweet.get_attribute("data-tweet")
    say(f"/like {number}")
    page.goto(f"{instance.url}/people/vera")
    expect(page.locator(".tweet", has_text="From Pachca")).to_be_visible()
    followed = page.locator(".numbers b").first
    before = int(followed.inner_text())
    say("/follow gleb")
    wait_for(lambda: page.reload() and int(followed.inner_text()) == before + 1)
    likes = instance.call("GET", f"/api/tweets/{number}", headers={"api-key": "test"})
    assert likes["tweet"]["likes_count"] == 1
