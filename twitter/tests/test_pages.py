import re

import pytest
from django.template.loader import render_to_string

from twitter.models import Tweet
from twitter.pages import PAGE_SIZE
from twitter.tests.factories import make_tweets


@pytest.fixture(autouse=True)
def quiet(sockets):
    """Nothing here leaves for a broker."""


def shown(answer):
    return re.findall(r'<p class="text">(.+)</p>', answer.content.decode())


def test_the_feed_shows_the_newest_first(browser, ann, django_assert_num_queries):
    make_tweets(ann, 3)

    with django_assert_num_queries(4):
        answer = browser.get("/")

    assert shown(answer) == ["3", "2", "1"]
    assert "Анна Соколова" in answer.content.decode()


def test_older_tweets_are_a_link_away(browser, ann):
    make_tweets(ann, PAGE_SIZE + 2)

    page = browser.get("/").content.decode()
    (link,) = re.findall(r'href="(\?after=[^"]+)"', page)
    older = browser.get(link)

    assert shown(older) == ["2", "1"]


def test_an_empty_feed_says_so(browser):
    answer = browser.get("/")

    assert '<p id="empty" class="empty">' in answer.content.decode()


def test_a_broken_place_in_the_feed_is_a_bad_request(browser):
    assert browser.get("/?after=nowhere").status_code == 400


def test_a_tweet_is_posted_without_javascript(browser, ann):
    answer = browser.post("/post", {"text": "привет"}, follow=True)

    assert answer.redirect_chain == [("/", 302)]
    assert shown(answer) == ["привет"]


def test_an_empty_tweet_is_shown_with_its_fault(browser):
    answer = browser.post("/post", {"text": " "})

    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not Tweet.objects.exists()


def test_what_people_write_is_text_and_never_markup(browser, ann):
    Tweet.objects.create(author=ann, text="<script>alert(1)</script>")

    assert "<script>alert" not in browser.get("/").content.decode()


@pytest.mark.parametrize("path", ["/", "/post"])
def test_strangers_are_asked_to_sign_in(client, db, path):
    answer = client.get(path) if path == "/" else client.post(path, {"text": "x"})

    assert (answer.status_code, answer.url) == (302, f"/login?next={path}")


def test_strangers_may_read_while_developing(client, db, settings):
    settings.DEBUG = True

    assert client.get("/").status_code == 200


def test_signing_in_leads_to_the_feed(client, ann):
    ann.set_password("correct horse")
    ann.save()

    answer = client.post("/login", {"username": "ann", "password": "correct horse"})

    assert (answer.status_code, answer.url) == (302, "/")


def test_the_language_is_the_readers_choice(browser):
    browser.post("/i18n/setlang/", {"language": "en", "next": "/"})

    assert '<html lang="en">' in browser.get("/").content.decode()


@pytest.mark.parametrize("path", ["/", "/login", "/nothing"])
def test_pages_have_nothing_inline(browser, path):
    if path == "/login":
        browser.logout()
    answer = browser.get(path)
    page = answer.content.decode()

    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style| style=| on\w+=", page)


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_neither_request_nor_database(name):
    assert 'class="notice-code"' in render_to_string(f"{name}.html")
