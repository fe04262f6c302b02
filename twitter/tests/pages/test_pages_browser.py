"""The page in real browsers side by side, against a real server."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.cache import cache
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, WebSocketRoute, expect

from twitter.actions import delete_tweet, leave, like, post_tweet, upload_media
from twitter.models import Tweet, User
from twitter.tests.factories import make_person, make_tweets, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What people do elsewhere is here within 200 ms; a busy machine gets more.
SOON = 5_000
LARGEST_PAGE = 100_000
LARGEST_SHIFT = 0.01

Opens = Callable[..., Page]


class Cutter:
    """Intercepts the WebSocket of a page and can close it."""

    def __init__(self) -> None:
        self._is_cut = False
        self._lines: list[WebSocketRoute] = []

    def __call__(self, line: WebSocketRoute) -> None:
        if self._is_cut:
            line.close()
        else:
            line.connect_to_server()
            self._lines.append(line)

    def cut(self) -> None:
        self._is_cut = True
        for line in self._lines:
            line.close()

    def mend(self) -> None:
        self._is_cut = False


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    cache.clear()


@pytest.fixture
def open_as(browser: Browser, web: str) -> Iterator[Opens]:
    """Open a page in a window of its own; at the end no window may have complained."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def open_page(
        person: User,
        path: str = "/",
        line: Cutter | None = None,
        watch: Callable[[Page], None] | None = None,
        **window: Any,
    ) -> Page:
        window = {"viewport": {"width": 1400, "height": 860}, "locale": "en-US", **window}
        context = browser.new_context(**window)
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": session_of(person), "url": web}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.extend(filter(is_bad, [said.text])))
        if line:
            page.route_web_socket(re.compile("/ws$"), line)
        if watch:
            watch(page)
        page.goto(web + path)
        if window.get("java_script_enabled", True):
            page.wait_for_selector("#line[data-state=live]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def is_bad(text: str) -> bool:
    return "Content Security Policy" in text


def session_of(person: User) -> str:
    """Sign a person in, without the page that asks for a password."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)


@pytest.fixture
def bob(ann: User) -> User:
    return make_person("bob", "Боб")


@pytest.fixture
def cat(tmp_path: Path) -> Path:
    path = tmp_path / "cat.png"
    Image.new("RGB", (64, 48), "teal").save(path)
    return path


def write(page: Page, text: str) -> None:
    page.locator(".compose textarea").fill(text)
    page.locator(".compose .button").click()


def measure(received: dict[str, float], page: Page) -> None:
    """Note what the page fetches, with headers and as compressed, and how far its layout shifts."""
    devtools, addresses = page.context.new_cdp_session(page), dict[str, str]()
    devtools.on(
        "Network.requestWillBeSent",
        lambda it: addresses.update({it["requestId"]: it["request"]["url"]}),
    )
    devtools.on(
        "Network.loadingFinished",
        lambda it: received.update({addresses[it["requestId"]]: it["encodedDataLength"]}),
    )
    devtools.send("Network.enable")
    page.add_init_script(
        """window.shift = 0;
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )


def texts(page: Page) -> list[str]:
    return page.locator(".tweet .text").all_inner_texts()


def test_a_tweet_with_a_picture_is_seen_by_somebody_else(
    open_as: Any, ann: Any, bob: Any, cat: Any
) -> None:
    hers, his = open_as(ann), open_as(bob)

    hers.locator(".compose input[type=file]").set_input_files(cat)
    hers.get_by_placeholder("Describe the picture").fill("A cat")
    write(hers, "Look!")

    expect(hers.locator(".tweet .text")).to_have_text("Look!")
    fresh = his.locator("#fresh")
    expect(fresh).to_have_text("1 new", timeout=SOON)
    fresh.click()
    expect(his.locator(".tweet .text")).to_have_text("Look!")
    expect(his.locator(".tweet .media img")).to_have_attribute("alt", "A cat")
    assert his.locator(".tweet .media img").evaluate("it => it.decode().then(() => true)")


def test_new_tweets_wait_until_they_are_asked_for(open_as: Any, ann: Any, bob: Any) -> None:
    page = open_as(bob)

    for text in ("one", "two", "three"):
        post_tweet(ann, text)

    expect(page.locator("#fresh")).to_have_text("3 new")
    assert page.title().startswith("(3)")
    assert texts(page) == []
    page.keyboard.press(".")
    expect(page.locator(".tweet .text")).to_have_text(["three", "two", "one"])
    expect(page.locator("#fresh")).to_be_hidden()


def test_ones_own_tweet_does_not_wait(open_as: Any, ann: Any) -> None:
    page = open_as(ann)

    write(page, "Mine")

    expect(page.locator(".tweet .text")).to_have_text("Mine")
    page.wait_for_timeout(1_200)
    expect(page.locator("#fresh")).to_be_hidden()
    expect(page.locator(".compose textarea")).to_have_value("")


def test_a_like_is_counted_on_every_open_page(open_as: Any, ann: Any, bob: Any) -> None:
    make_tweets(ann, 1)
    hers, his = open_as(ann), open_as(bob)

    his.get_by_role("button", name="Like").click()

    expect(his.get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "true")
    expect(hers.locator("[data-count=likes]")).to_have_text("1")
    expect(hers.locator("#unread")).to_have_text("1")
    his.get_by_role("button", name="Like").click()
    expect(hers.locator("[data-count=likes]")).to_have_text("")


def test_a_deleted_tweet_leaves_every_open_page(open_as: Any, ann: Any, bob: Any) -> None:
    make_tweets(ann, 2)
    hers, his = open_as(ann), open_as(bob)
    hers.on("dialog", lambda dialog: dialog.accept())

    hers.locator(".tweet").first.get_by_label("More").click()
    hers.get_by_role("button", name="Delete").click()

    expect(hers.locator(".tweet")).to_have_count(1)
    expect(his.locator(".tweet .text")).to_have_text("1")


def test_tweets_of_who_left_and_their_mentions_leave_every_open_page(
    open_as: Any, ann: Any, bob: Any
) -> None:
    post_tweet(ann, "@bob hello")
    post_tweet(bob, "mine")
    his = open_as(bob)
    expect(his.locator("#unread")).to_have_text("1")

    leave(User.objects.create_superuser("root"), ann, keeps_tweets=False)

    expect(his.locator(".tweet .text")).to_have_text("mine")
    expect(his.locator("#unread")).to_be_hidden()


def test_who_is_followed_is_in_the_feed_of_whom_one_follows(
    open_as: Any, ann: Any, bob: Any
) -> None:
    make_tweets(ann, 1)
    page = open_as(bob, "/people/ann")
    page.get_by_role("button", name="Follow").click()
    expect(page.get_by_role("button", name="Unfollow")).to_be_visible()

    page.goto(page.url.replace("/people/ann", "/?feed=following"))
    expect(page.locator(".tweet .text")).to_have_text("1")
    page.wait_for_selector("#line[data-state=live]")
    post_tweet(make_person("stranger"), "not for here")
    post_tweet(ann, "for here")

    expect(page.locator("#fresh")).to_have_text("1 new")


def test_a_conversation_goes_on_before_the_eyes_of_those_in_it(
    open_as: Any, ann: Any, bob: Any
) -> None:
    (tweet,) = make_tweets(ann, 1)
    hers, his = open_as(ann, f"/tweets/{tweet.pk}"), open_as(bob, f"/tweets/{tweet.pk}")

    write(his, "An answer")

    expect(his.locator(".tweet .text")).to_have_text(["1", "An answer"])
    expect(hers.locator(".tweet .text")).to_have_text(["1", "An answer"])
    expect(hers.locator("[data-count=replies]").first).to_have_text("1")


def test_what_was_missed_while_the_line_was_cut_is_caught_up(
    open_as: Any, ann: Any, bob: Any
) -> None:
    remaining, gone = make_tweets(ann, 2)
    cutter = Cutter()
    page = open_as(bob, line=cutter)

    cutter.cut()
    expect(page.locator("#line")).to_have_attribute("data-state", "lost")
    post_tweet(ann, "meanwhile")
    delete_tweet(ann, gone)
    like(ann, remaining)
    cutter.mend()

    expect(page.locator("#fresh")).to_have_text("1 new", timeout=30_000)
    expect(page.locator(".tweet .text")).to_have_text("1")
    expect(page.locator("[data-count=likes]")).to_have_text("1")


def test_the_keyboard_is_enough(open_as: Any, ann: Any, bob: Any) -> None:
    make_tweets(ann, 3)
    page = open_as(bob)

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("l")

    second = page.locator(".tweet").nth(1)
    expect(second.get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("by keyboard")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".tweet .text").first).to_have_text("by keyboard")


def test_the_keyboard_leads_to_what_one_writes_in(open_as: Any, ann: Any, bob: Any) -> None:
    make_tweets(ann, 1)
    page = open_as(bob)

    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("r")

    expect(page.get_by_label("Your reply")).to_be_focused()
    expect(page.locator(".replying")).to_contain_text("In reply to Анна Соколова")
    page.get_by_role("link", name="Notifications").click()
    page.wait_for_url("**/notifications")
    page.wait_for_selector("#line[data-state=live]")
    page.keyboard.press("n")
    expect(page.get_by_label("Your tweet")).to_be_focused()


def test_escape_ends_a_menu(open_as: Any, ann: Any) -> None:
    make_tweets(ann, 1)
    page = open_as(ann)
    page.get_by_label("More").click()
    expect(page.get_by_role("link", name="Edit")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.get_by_role("link", name="Edit")).to_be_hidden()
    expect(page.get_by_label("More")).to_be_focused()


def test_pictures_are_looked_at_without_leaving_the_page(open_as: Any, ann: Any) -> None:
    pictures = [upload_media(ann, picture(), alt) for alt in ("A cat", "")]
    post_tweet(ann, "Look!", pictures)
    page = open_as(ann)
    viewer = page.get_by_role("dialog", name="Picture")

    page.get_by_alt_text("A cat").click()
    expect(viewer).to_contain_text("A cat")
    page.keyboard.press("ArrowRight")
    expect(viewer.get_by_alt_text("Picture without a description")).to_be_visible()
    expect(viewer).not_to_contain_text("A cat")
    page.keyboard.press("Escape")

    expect(viewer).to_be_hidden()


def test_a_mention_completes_itself(open_as: Any, ann: Any, bob: Any) -> None:
    page = open_as(bob)
    box = page.locator(".compose textarea")

    box.press_sequentially("Hi @an")
    expect(page.get_by_role("option")).to_have_text("Анна Соколова @ann")
    box.press("Enter")

    expect(box).to_have_value("Hi @ann ")


def test_a_picture_is_dropped_pasted_and_taken_away(open_as: Any, ann: Any) -> None:
    page = open_as(ann)
    page.evaluate(
        """async () => {
            const canvas = new OffscreenCanvas(8, 8);
            canvas.getContext("2d").fillRect(0, 0, 8, 8);
            const blob = await canvas.convertToBlob();
            for (const [name, key] of [["drop", "dataTransfer"], ["paste", "clipboardData"]]) {
                const data = new DataTransfer();
                data.items.add(new File([blob], "a.png", { type: "image/png" }));
                const kind = name === "drop" ? DragEvent : ClipboardEvent;
                const event = new kind(name, { [key]: data, bubbles: true, cancelable: true });
                document.querySelector(".compose").dispatchEvent(event);
            }
        }"""
    )
    expect(page.locator(".pictures input[name=media]")).to_have_count(2)

    page.get_by_label("Remove the picture").first.click()
    page.locator(".compose .button").click()

    expect(page.locator(".tweet .media img")).to_have_count(1)


def test_what_is_no_picture_is_refused_in_words(open_as: Any, ann: Any, tmp_path: Path) -> None:
    page = open_as(ann)
    text = tmp_path / "cat.png"
    text.write_text("no picture at all")

    page.locator(".compose input[type=file]").set_input_files(text)

    expect(page.locator(".compose-fault")).not_to_be_empty()
    expect(page.locator(".pictures li")).to_have_count(0)


def test_of_several_files_each_that_is_refused_is_named(
    open_as: Any, ann: Any, tmp_path: Path
) -> None:
    page = open_as(ann)
    files = [tmp_path / "cat.png", tmp_path / "dog.jpg"]
    for file in files:
        file.write_text("no picture at all")

    page.locator(".compose input[type=file]").set_input_files(files)

    for name in ("cat.png", "dog.jpg"):
        error = f"{name}: This file type is not supported"
        expect(page.locator(".compose-fault")).to_contain_text(error)


def test_a_picture_that_the_browser_cannot_show_is_previewed_as_it_is_stored(
    open_as: Any, ann: Any, tmp_path: Path
) -> None:
    page = open_as(ann)
    photo = tmp_path / "photo.heic"
    Image.new("RGB", (40, 30), "red").save(photo)

    page.locator(".compose input[type=file]").set_input_files(photo)

    preview = page.locator(".pictures img")
    expect(preview).to_have_attribute("src", re.compile("/api/medias/"))
    expect(preview).to_have_js_property("naturalWidth", 40)


def test_an_empty_tweet_is_refused_in_words(open_as: Any, ann: Any) -> None:
    page = open_as(ann)

    page.locator(".compose .button").click()

    expect(page.locator(".compose-fault")).to_contain_text("needs text or a picture")


def test_what_is_written_stays_when_it_cannot_be_posted(open_as: Any, ann: Any) -> None:
    page = open_as(ann)

    page.context.set_offline(True)
    write(page, "Precious words")
    expect(page.locator("#toast")).to_contain_text("went wrong")
    page.context.set_offline(False)
    expect(page.locator(".compose textarea")).to_have_value("Precious words")
    page.locator(".compose .button").click()

    expect(page.locator(".tweet .text")).to_have_text("Precious words")


def test_older_tweets_come_as_one_scrolls(open_as: Any, ann: Any) -> None:
    make_tweets(ann, 45)
    page = open_as(ann)

    for _page in range(4):
        page.mouse.wheel(0, 20_000)
        page.wait_for_timeout(300)

    expect(page.locator(".tweet")).to_have_count(45)


def test_without_javascript_people_read_post_with_pictures_and_like(
    open_as: Any, ann: Any, cat: Any
) -> None:
    page = open_as(ann, java_script_enabled=False)

    page.locator(".compose textarea").fill("Plain")
    page.locator(".compose input[type=file]").set_input_files(cat)
    page.locator(".compose .button").click()

    expect(page.locator(".tweet .text")).to_have_text("Plain")
    expect(page.locator(".tweet .media img")).to_have_count(1)
    page.get_by_role("button", name="Like").click()
    expect(page.get_by_role("button", name="Like")).to_have_attribute("aria-pressed", "true")
    assert Tweet.objects.get().likes_count == 1


def test_a_phone_has_its_bar_at_the_bottom_and_nothing_sticks_out(open_as: Any, ann: Any) -> None:
    make_tweets(ann, 3)
    Tweet.objects.create(author=ann, text="https://example.com/" + "long" * 60)
    page = open_as(ann, viewport={"width": 390, "height": 844})

    bar = page.locator(".side").bounding_box()
    assert bar
    assert round(bar["y"] + bar["height"]) == 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for path in ("/people/ann", "/settings", "/notifications", "/search", "/bots/link/"):
        page.goto(re.sub(r"(:\d+)/.*", rf"\1{path}", page.url))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_the_first_page_is_light_and_does_not_jump(open_as: Any, ann: Any, bob: Any) -> None:
    for number in range(20):
        like(bob, post_tweet(ann, f"{number} " + "слово " * 30))
    received: dict[str, float] = {}

    page = open_as(bob, watch=partial(measure, received))
    page.wait_for_timeout(500)

    assert len(received) > 5
    assert sum(received.values()) < LARGEST_PAGE, received
    assert page.evaluate("shift") < LARGEST_SHIFT


def test_the_counter_counts_like_the_server(open_as: Any, ann: Any) -> None:
    page = open_as(ann)
    box, left = page.locator("#write"), page.locator(".compose .left")

    box.fill("🎉" * 2400 + "и\u0306" * 2500 + "\n" + "я" * 98)
    expect(left).to_have_text("1")
    box.press("Control+Enter")

    expect(page.locator("#tweets .text")).to_have_count(1)
    assert Tweet.objects.get().text == "🎉" * 2400 + "й" * 2500 + "\n" + "я" * 98

    box.fill("я" * 5002)
    expect(left).to_have_text("-2")
    box.press("Control+Enter")
    assert "2" in box.evaluate("box => box.validationMessage")
    assert Tweet.objects.count() == 1


@pytest.mark.parametrize("width", [1400, 390])
def test_the_username_is_seen_beside_the_longest_name(open_as: Any, ann: Any, width: int) -> None:
    other = make_person("w" * 100, "Ш" * 100)
    tweet = post_tweet(other, "раз, @ann")
    post_tweet(other, "два", reply_to=tweet)

    for path in ("/", f"/tweets/{tweet.pk}", "/notifications", f"/people/{other.username}"):
        page = open_as(ann, path, viewport={"width": width, "height": 900})

        expect(page.locator(".username").first).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
