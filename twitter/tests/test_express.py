"""The short way of two calls: it answers just what the views answer."""

import json
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twitter.api.express import express
from twitter.api.gate import gate
from twitter.models import ApiKey, Tweet
from twitter.tests.factories import make_tweets

pytestmark = pytest.mark.django_db

GOES_ON = HttpResponse(status=299)
ALIKE = ("Content-Type", "Content-Security-Policy", "WWW-Authenticate", "Retry-After")

middleware = express(lambda request: GOES_ON)


@pytest.fixture
def key(ann):
    _, key = ApiKey.objects.make(ann, "tests")
    gate().owner_of(key, "")  # the use of the key is noted once a minute
    return key


def both(method: str, path: str, language: str = "ru", **told: Any) -> list[Any]:
    """Return what the short way and the views answer: status, JSON and what headers matter."""
    with translation.override(language):
        short = middleware(RequestFactory().generic(method, path, **told))
    by_views = Client().generic(method, path, **told, HTTP_ACCEPT_LANGUAGE=language)
    return [_told(answer) for answer in (short, by_views)]


def post(key: str, body: Any, language: str = "ru") -> list[Any]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"api-key": key, "content-type": "application/json"}
    return both("POST", "/api/tweets", language, data=sent, headers=headers)


def _told(answer: Any) -> Any:
    body = json.loads(answer.content)
    body.pop("tweet_id", None)  # each has posted its own
    return answer.status_code, body, {name: answer.headers.get(name) for name in ALIKE}


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    "asked",
    ["", "?limit=2", "?limit=2&offset=2", "?limit=0", "?limit=x&offset=-1", "?limit=500",
     "?cursor=x", "?limit=1&cursor=MTIgMzQ=", "?limit=2&limit=1", "?offset=99999999"],
)  # fmt: skip
def test_the_feed_is_the_same(ann, key, asked, language):
    make_tweets(ann, 5)

    short, by_views = both("GET", f"/api/tweets{asked}", language, headers={"api-key": key})

    assert short == by_views


def test_the_page_after_a_cursor_is_the_same(ann, key):
    make_tweets(ann, 5)
    told: dict[str, Any] = {"headers": {"api-key": key}}
    _status, body, _headers = both("GET", "/api/tweets?limit=2", **told)[0]

    short, by_views = both("GET", f"/api/tweets?limit=2&cursor={body['next_cursor']}", **told)

    assert short == by_views
    assert [tweet["content"] for tweet in short[1]["tweets"]] == ["3", "2"]


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    "body",
    [
        {"tweet_data": "Привет, #всем и @ann"},
        {"tweet_data": ""},
        {"tweet_data": " \n"},
        {"tweet_data": "\0"},
        {"tweet_data": "x" * 5001},
        {"tweet_data": "x", "tweet_media_ids": [10**17]},
        {"tweet_data": "x", "tweet_media_ids": None},
        {"tweet_data": "x", "tweet_media_ids": ["a"]},
        {"tweet_data": 5},
        {},
        [],
        None,
        b"",
        b"{",
        b'"\\ud800"',
        b"[" * 3000,
    ],
)
def test_what_is_sent_is_taken_and_refused_alike(key, body, language):
    short, by_views = post(key, body, language)

    assert short == by_views


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda values: (
            st.lists(values, max_size=3)
            | st.dictionaries(st.sampled_from(["tweet_data", "tweet_media_ids", "x"]), values)
        ),
        max_leaves=5,
    )
)
def test_whatever_is_sent_is_answered_alike(key, body):
    short, by_views = post(key, body)

    assert short == by_views


def test_a_tweet_is_posted_with_its_picture(key, ann, picture_of):
    picture = picture_of(ann)

    (status, _body, _headers), again = post(
        key, {"tweet_data": "Кот", "tweet_media_ids": [picture.pk]}
    )

    assert Tweet.objects.get().media.get() == picture
    assert (status, again[0]) == (200, 400)  # nobody posts a picture twice


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_key_that_opens_nothing_is_refused_alike(db, language):
    short, by_views = both("GET", "/api/tweets", language, headers={"api-key": "of nobody"})

    assert short == by_views
    assert short[0] == 401


def test_too_many_calls_are_refused_alike(key, settings):
    settings.API_CALLS_PER_KEY = 0

    short, by_views = both("GET", "/api/tweets", headers={"api-key": key})

    assert short == by_views
    assert short[0] == 429


def test_the_language_of_a_fault_is_that_of_the_caller(key):
    russian, _ = post(key, {"tweet_data": "x" * 5001}, "ru")
    english, _ = post(key, {"tweet_data": "x" * 5001}, "en")

    assert russian[1]["error_message"] != english[1]["error_message"]


def test_what_nobody_foresaw_is_told_without_details(key, caplog):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE twitter_tweet RENAME TO elsewhere")
    request = RequestFactory().get("/api/tweets", headers={"api-key": key})

    answer = middleware(request)

    assert answer.status_code == 500
    assert json.loads(answer.content)["error_type"] == "error"
    assert "A call failed" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("GET", "/api/tweets", {}),
        ("GET", "/api/tweets?feed=popular", {"api-key": "x"}),
        ("GET", "/api/tweets?tag=x", {"api-key": "x"}),
        ("HEAD", "/api/tweets", {"api-key": "x"}),
        ("POST", "/api/tweets", {"api-key": "x"}),  # of another media type
        ("GET", "/api/users", {"api-key": "x"}),
        ("GET", "/api/tweets//", {"api-key": "x"}),
    ],
)
def test_all_other_calls_go_on(method, path, told):
    assert middleware(RequestFactory().generic(method, path, headers=told)) is GOES_ON
