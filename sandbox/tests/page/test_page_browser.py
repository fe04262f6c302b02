"""The chat page in a real browser, against a real server; the bot's part is played by the test."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from sandbox.actions import add_bot, add_chat, add_person, direct_chat, post_message
from sandbox.models import Account, Chat
from sandbox.tests.conftest import FakeBot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[3]
UNSENT = re.compile("pending|failed")
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63606060f80f00010401005fe5c34b0000000049454e44ae426082"
)


# --- the server and the browser ------------------------------------------------------------------


@dataclass
class Site:
    url: str

    def call(self, account: Account, verb: str, path: str, body: Any = None) -> Any:
        """Call the emulated API as this account."""
        headers = {"Authorization": f"Bearer {account.token}"}
        address = f"{self.url}/sandbox/api/shared/v1{path}"
        response = httpx.request(verb, address, json=body, headers=headers, timeout=10)
        response.raise_for_status()
        return response.json()["data"] if response.content else None

    def say(self, account: Account, chat: Chat, content: str, **more: Any) -> Any:
        message = {"entity_id": chat.pk, "content": content, **more}
        return self.call(account, "POST", "/messages", {"message": message})


@pytest.fixture
def site(web: str) -> Site:
    return Site(web)


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open the page in a window of its own; at the end no window may have complained."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if is_bad(said.text) else None)

    def is_bad(text: str) -> bool:
        return "Content Security Policy" in text

    def open_as(person: Account, **window: Any) -> Page:
        window = {"viewport": {"width": 1400, "height": 860}, "locale": "en-US", **window}
        contexts.append(browser.new_context(**window))
        page = contexts[-1].new_page()
        listen(page)
        page.goto(f"{site.url}/sandbox/?person={person.pk}")
        page.wait_for_selector("#connection[data-state=live]")
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert complaints == []


# --- accounts ------------------------------------------------------------------------------------


@pytest.fixture
def ann(browser: Browser, transactional_db: None) -> Account:
    return add_person("Ann Lee", "ann")


@pytest.fixture
def bob(browser: Browser, transactional_db: None) -> Account:
    return add_person("Bob", "bob")


@pytest.fixture
def bot(browser: Browser, transactional_db: None, fake_bot: FakeBot) -> Account:
    return add_bot("Demo", "demo", fake_bot.url)


@pytest.fixture
def private(ann: Account, bot: Account) -> Chat:
    return direct_chat(ann, bot)


def message(page: Page, text: str) -> Locator:
    return page.locator("#messages .message", has_text=text)


def write(page: Page, text: str) -> None:
    composer = page.get_by_label("Message", exact=True)
    expect(composer).to_be_focused()
    composer.fill(text)
    composer.press("Enter")


# --- the stories ---------------------------------------------------------------------------------


def test_a_newcomer_says_start_and_reads_the_answer(
    open_page: Any, site: Site, ann: Account, bot: Account, fake_bot: FakeBot
) -> None:
    page = open_page(ann)
    expect(page.get_by_role("heading", name="Demo", level=1)).to_be_visible()
    expect(page.get_by_label("Message", exact=True)).to_be_focused()

    page.get_by_role("button", name="Write /start").click()
    page.keyboard.press("Enter")
    expect(message(page, "/start")).not_to_have_class(UNSENT)
    assert fake_bot.called.wait(5)
    site.say(bot, direct_chat(ann, bot), "Hello, **Ann**")

    expect(message(page, "Hello, Ann").locator("strong", has_text="Ann")).to_be_visible()
    trace = page.get_by_role("tabpanel", name="Trace")
    expect(trace.get_by_text("message_new")).to_be_visible()
    expect(trace.get_by_text("/messages", exact=True)).to_be_visible()


def test_what_one_person_writes_another_hears_at_once(
    open_page: Any, ann: Account, bob: Account, bot: Account
) -> None:
    add_chat("Kitchen", [ann, bob])
    anns, bobs = open_page(ann), open_page(bob)
    anns.get_by_role("link", name="Kitchen").click()

    write(anns, "tea?")

    expect(bobs.get_by_role("link", name=re.compile("Kitchen.*unread: 1"))).to_be_visible()
    expect(bobs).to_have_title("(1) Sandbox · Svyaz")
    bobs.get_by_role("link", name="Kitchen").click()
    expect(message(bobs, "tea?")).to_be_visible()
    expect(bobs.get_by_text("New messages")).to_be_visible()
    expect(bobs).to_have_title("Sandbox · Svyaz")


def test_a_pressed_button_tells_how_that_went(
    open_page: Any, site: Site, ann: Account, bot: Account, private: Chat, fake_bot: FakeBot
) -> None:
    page = open_page(ann)
    site.say(bot, private, "Choose", buttons=[[{"text": "Break", "data": "break"}]])
    fake_bot.script.append((200, "ok"))  # the bot hears its own message first
    button = page.get_by_role("button", name="Break")
    expect(button).to_be_visible()
    wait_for(lambda: fake_bot.received)

    fake_bot.script[:] = [(500, "no")]
    button.click()

    expect(page.get_by_role("alert")).to_contain_text("The bot answered with an error: 500")


def test_a_form_shows_the_errors_of_the_bot_where_they_belong(
    open_page: Any, site: Site, ann: Account, bot: Account, private: Chat, fake_bot: FakeBot
) -> None:
    page = open_page(ann)
    site.say(bot, private, "Plan", buttons=[[{"text": "Fill in", "data": "form"}]])
    page.get_by_role("button", name="Fill in").click()
    site.call(bot, "POST", "/views/open", view_for(clicked(fake_bot)))
    form = page.get_by_role("dialog", name="Holiday")
    expect(form.get_by_label("Why")).to_be_focused()

    form.get_by_role("button", name="Ask").click()
    expect(form.get_by_text("Fill in this field")).to_be_visible()
    fake_bot.script[:] = [(400, '{"errors": {"day": "Taken already"}}')]
    form.get_by_label("Why").fill("rest")
    form.get_by_role("button", name="Ask").click()
    expect(form.get_by_label("Day")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_text("Taken already")).to_be_visible()
    form.get_by_role("button", name="Ask").click()

    expect(form).to_be_hidden()
    asked = fake_bot.received[-1].payload
    assert asked["data"] == {"why": "rest", "day": "2027-01-02", "with": ["kids"]}


def clicked(fake_bot: FakeBot) -> str:
    clicks = wait_for(lambda: [it for it in fake_bot.received if it.payload["type"] == "button"])
    return str(clicks[-1].payload["trigger_id"])


def view_for(trigger_id: str) -> dict[str, Any]:
    blocks = [
        {"type": "header", "text": "Days off"},
        {"type": "input", "name": "why", "label": "Why", "required": True},
        {"type": "date", "name": "day", "label": "Day", "initial_date": "2027-01-02"},
        {
            "type": "checkbox",
            "name": "with",
            "label": "With",
            "options": [{"text": "Kids", "value": "kids", "checked": True}],
        },
    ]
    view = {"title": "Holiday", "submit_text": "Ask", "blocks": blocks}
    return {"type": "modal", "trigger_id": trigger_id, "view": view}


def test_what_could_not_be_sent_waits_to_be_sent_again(
    open_page: Any, ann: Account, private: Chat
) -> None:
    page = open_page(ann)
    expect(page.get_by_role("button", name="Write /start")).to_be_visible()
    page.context.set_offline(True)

    write(page, "anyone?")
    expect(page.get_by_role("alert")).to_contain_text("Not sent: The server is unreachable")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()

    expect(message(page, "anyone?")).not_to_have_class(UNSENT)
    expect(page.get_by_role("alert")).to_be_hidden()
    assert private.messages.get().content == "anyone?"


def test_what_is_chosen_and_sent_before_the_first_chat_is_there_goes_into_it(
    open_page: Any, ann: Account, private: Chat
) -> None:
    page, held = open_page(ann), []
    page.route("**/sandbox/state*", lambda route: held.append(route))
    page.reload(wait_until="domcontentloaded")
    picture = {"name": "dot.png", "mimeType": "image/png", "buffer": PIXEL}
    page.locator("#composer input[type=file]").set_input_files([picture])
    write(page, "look")

    assert message(page, "look").count() == 0
    held[0].continue_()

    expect(message(page, "look").get_by_role("img", name="dot.png")).to_be_visible()


def test_a_picture_goes_up_and_is_shown(open_page: Any, ann: Account, private: Chat) -> None:
    page = open_page(ann)
    picture = {"name": "dot.png", "mimeType": "image/png", "buffer": PIXEL}
    page.locator("#composer input[type=file]").set_input_files([picture])

    write(page, "look")

    image = message(page, "look").get_by_role("img", name="dot.png")
    expect(image).to_be_visible()
    expect(image).to_have_attribute("src", re.compile("/sandbox/files/"))
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1


def test_reactions_threads_and_edits_are_seen_by_the_other(
    open_page: Any, ann: Account, bob: Account, bot: Account
) -> None:
    chat = add_chat("Kitchen", [ann, bob])
    post_message(bob, chat, "soup is ready")
    page, bobs = open_page(ann), open_page(bob)
    for each in (page, bobs):
        each.get_by_role("link", name="Kitchen").click()

    soup = message(page, "soup is ready")
    soup.hover()
    soup.get_by_role("button", name="Add a reaction").click()
    page.get_by_role("button", name="👍").click()
    expect(message(bobs, "soup").get_by_role("button", name="👍 1: Ann Lee")).to_be_visible()

    soup.get_by_role("toolbar").get_by_role("button", name="Thread").click()
    page.get_by_label("Message in the thread").fill("coming")
    page.keyboard.press("Enter")
    expect(message(bobs, "soup").get_by_role("button", name="Replies: 1")).to_be_visible()

    composer = page.get_by_label("Message", exact=True)
    composer.fill("thanks")
    composer.press("Enter")
    expect(message(bobs, "thanks")).to_be_visible()
    composer.press("ArrowUp")
    composer.press_sequentially(" a lot")
    composer.press("Enter")
    expect(message(bobs, "thanks a lot (edited)")).to_be_visible()


def test_faults_that_are_on_are_said_aloud(open_page: Any, ann: Account, bot: Account) -> None:
    page = open_page(ann)
    warning = page.get_by_role("button", name="Faults are on")
    expect(warning).to_be_hidden()

    page.get_by_role("tab", name="Faults").click()
    page.get_by_label("Drop").fill("50")
    expect(warning).to_be_visible()
    page.get_by_role("button", name="Turn all off").click()

    expect(warning).to_be_hidden()


def test_older_messages_come_on_the_way_up(open_page: Any, ann: Account, bot: Account) -> None:
    chat = add_chat("Diary", [ann])
    for number in range(70):
        post_message(ann, chat, f"day {number}.")
    page = open_page(ann)
    page.get_by_role("link", name="Diary").click()
    expect(message(page, "day 69.")).to_be_in_viewport()
    expect(message(page, "day 5.")).to_have_count(0)

    page.locator("#scroller").hover()
    page.mouse.wheel(0, -20_000)

    expect(message(page, "day 5.")).to_have_count(1)
    page.get_by_role("button", name="To the newest messages").click()
    expect(message(page, "day 69.")).to_be_in_viewport()


def test_on_a_phone_one_goes_from_the_list_to_a_chat_and_back(
    open_page: Any, ann: Account, bob: Account, bot: Account
) -> None:
    add_chat("Kitchen", [ann, bob])
    page = open_page(ann, viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)

    page.get_by_role("button", name="Back to the chats").tap()
    page.get_by_role("link", name="Kitchen").tap()
    expect(page.get_by_role("heading", name="Kitchen", level=1)).to_be_visible()
    page.go_back()

    expect(page.get_by_role("link", name="Kitchen")).to_be_visible()
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0


def wait_for(true: Callable[[], Any]) -> Any:
    end = time.monotonic() + 5
    while not (result := true()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return result
