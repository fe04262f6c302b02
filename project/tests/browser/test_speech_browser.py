"""Speech as people hear it: on its page, by keys alone, and as the bot's voice message."""

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from project.tests.conftest import Instance, sign_in

pytestmark = pytest.mark.browser

# What is spoken takes its time on a machine that does much else.
SOON = 30_000


@pytest.fixture
def page(page: Page, instance: Instance) -> Page:
    """The page of speeches, where the demo's administrator has signed in."""
    sign_in(page, instance, "/tts/")
    page.wait_for_selector("#line[data-state=live]")
    return page


def say(page: Page, text: str) -> Locator:
    """Have a text said by the keyboard, and return its place in the history."""
    page.get_by_label("Text", exact=True).fill(text)
    page.keyboard.press("Control+Enter")
    speech = page.locator(".speech", has_text=text[:50]).first
    expect(speech).to_be_visible()
    return speech


def state_of(speech: Locator) -> Locator:
    return speech.locator(".speech-state")


def at(speech: Locator) -> float:
    """Return the second at which the player is."""
    return float(speech.locator("audio").evaluate("audio => audio.currentTime"))


def test_what_is_said_is_heard_and_stays_in_the_history(page: Page) -> None:
    speech = say(page, "Good morning to everybody who listens.")
    expect(state_of(speech)).to_have_text("ready", timeout=SOON)

    speech.get_by_role("button", name="Play", exact=True).click()

    expect(speech.get_by_role("button", name="Pause")).to_be_visible()
    expect(speech.locator(".played")).not_to_have_count(0)
    audio = speech.locator("audio")
    length = audio.evaluate("audio => audio.duration")
    assert length == pytest.approx(float(audio.get_attribute("data-duration") or 0), abs=0.1)
    assert 0 < at(speech) <= length
    page.reload()
    expect(page.locator(".speech").first).to_contain_text("Good morning to everybody")


def test_a_long_text_tells_how_far_it_is_and_can_be_cancelled(page: Page) -> None:
    speech = say(page, f"At {time.time():.0f} this was said. " * 150)
    progress = speech.get_by_role("progressbar")
    expect(progress).not_to_have_js_property("value", 0, timeout=SOON)
    expect(state_of(speech)).to_have_text("in progress")
    before = page.locator("#counts [data-state=cancelled] dd").inner_text()

    speech.get_by_role("button", name="Cancel").click()

    expect(state_of(speech)).to_have_text("cancelled")
    expect(page.locator("#counts [data-state=cancelled] dd")).to_have_text(str(int(before) + 1))
    expect(speech.get_by_role("button", name="Try again")).to_be_visible()


def test_what_cannot_be_said_is_told_beside_the_text(page: Page) -> None:
    page.get_by_label("The text is SSML").check()

    page.get_by_label("Text", exact=True).fill("<speak>Hello")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_role("alert")).to_contain_text("line 1, column 13")
    expect(page.get_by_label("Text", exact=True)).to_have_value("<speak>Hello")


def test_the_player_does_all_with_the_keyboard(page: Page) -> None:
    speech = say(page, "This one is steered by keys, from its first word to its very last one.")
    expect(state_of(speech)).to_have_text("ready", timeout=SOON)
    position = speech.get_by_role("slider", name="Position")

    speech.get_by_role("button", name="Play", exact=True).focus()
    page.keyboard.press("Tab")
    expect(position).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(position).to_have_attribute("aria-valuetext", "0:02")
    page.keyboard.press("ArrowLeft")
    expect(position).to_have_attribute("aria-valuetext", "0:00")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(speech.get_by_role("button", name="Playback speed: 1.25")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(speech.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    expect(speech.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_a_voice_message_of_the_bot_plays_when_it_is_pressed(sandbox: Page) -> None:
    sandbox.locator("#composer-text").fill("/say Это голосовое сообщение, и его слышно.")
    sandbox.keyboard.press("Enter")
    voice = sandbox.get_by_role("group", name="Voice message").last
    expect(voice).to_be_visible(timeout=SOON)

    voice.get_by_role("button", name="Play", exact=True).click()

    expect(voice.get_by_role("button", name="Pause")).to_be_visible()
    expect(voice.get_by_role("slider")).to_have_attribute("aria-valuenow", re.compile("[1-9]"))
