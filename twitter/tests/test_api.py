import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIRequestFactory

from twitter.api.views import ContractView
from twitter.models import Tweet
from twitter.shapes import tweet_shape
from twitter.tests.factories import make_tweets


@pytest.fixture(autouse=True)
def quiet(sockets):
    """Nothing here leaves for a broker."""


@pytest.mark.parametrize("path", ["/api/users/me", "/api/users/me/"])
def test_me_is_the_owner_of_the_key(api, ann, path, django_assert_num_queries):
    with django_assert_num_queries(3):
        answer = api.get(path)

    person = {"id": ann.pk, "name": "Анна Соколова", "followers": [], "following": []}
    assert answer.status_code == 200
    assert answer.json()["result"] is True
    assert person.items() <= answer.json()["user"].items()


@pytest.mark.parametrize("path", ["/api/tweets", "/api/tweets/"])
def test_a_tweet_is_posted(api, ann, path):
    answer = api.post(path, {"tweet_data": "Привет", "tweet_media_ids": []}, "application/json")

    tweet = Tweet.objects.get()
    assert answer.status_code == 200
    assert answer.json() == {"result": True, "tweet_id": tweet.pk}
    assert (tweet.author, tweet.text) == (ann, "Привет")


def test_the_feed_is_in_the_contracts_shape(api, ann, django_assert_num_queries):
    tweet, *_ = make_tweets(ann, 1)

    with django_assert_num_queries(3):
        answer = api.get("/api/tweets")

    assert answer.json()["result"] is True
    assert answer.json()["tweets"] == [tweet_shape(tweet)]


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("", "54321"),
        ("?limit=2", "54"),
        ("?limit=2&offset=0", "54"),
        ("?limit=2&offset=1", "54"),
        ("?limit=2&offset=2", "32"),
        ("?limit=2&offset=3", "1"),
        ("?limit=2&offset=4", ""),
        ("?limit=1000", "54321"),
    ],
)
def test_offset_is_the_number_of_a_page(api, ann, query, texts):
    make_tweets(ann, 5)

    answer = api.get(f"/api/tweets{query}")

    assert "".join(tweet["content"] for tweet in answer.json()["tweets"]) == texts


def test_a_cursor_leads_through_the_feed_while_it_grows(api, ann):
    make_tweets(ann, 4)
    first = api.get("/api/tweets?limit=2").json()
    make_tweets(ann, 1)

    second = api.get("/api/tweets", {"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [tweet["content"] for tweet in second["tweets"]] == ["2", "1"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error_type"),
    [
        ("get", "/api/tweets?limit=0", None, 400, "invalid"),
        ("get", "/api/tweets?limit=x", None, 400, "invalid"),
        ("get", "/api/tweets?offset=99999999999999999999", None, 400, "invalid"),
        ("get", "/api/tweets?cursor=x", None, 400, "invalid"),
        ("post", "/api/tweets", "{", 400, "parse_error"),
        ("post", "/api/tweets", "[]", 400, "invalid"),
        ("post", "/api/tweets", "{}", 400, "invalid"),
        ("post", "/api/tweets", '{"tweet_data": " "}', 400, "invalid"),
        ("post", "/api/tweets", '{"tweet_data": "\\u0000"}', 400, "invalid"),
        ("post", "/api/tweets", '{"tweet_data": "\\ud800"}', 400, "invalid"),
        ("post", "/api/tweets", '{"tweet_data": "x", "tweet_media_ids": [1]}', 400, "invalid"),
        ("delete", "/api/tweets", None, 405, "method_not_allowed"),
        ("get", "/api/nothing", None, 404, "not_found"),
    ],
)
def test_a_failure_is_in_the_contracts_shape(api, method, path, body, status, error_type):
    answer = api.generic(method.upper(), path, body or "", "application/json")

    error = answer.json()
    assert answer.status_code == status
    assert (error["result"], error["error_type"]) == (False, error_type)
    assert set(error) == {"result", "error_type", "error_message"}


def test_other_media_are_refused(api):
    answer = api.post("/api/tweets", {"tweet_data": "x"})

    assert answer.status_code == 415
    assert answer.json()["error_type"] == "unsupported_media_type"


@pytest.mark.parametrize(
    ("headers", "error_type"),
    [({}, "not_authenticated"), ({"api-key": "wrong-key-wrong"}, "authentication_failed")],
)
def test_a_call_without_a_good_key_is_refused(db, headers, error_type):
    answer = Client(headers=headers).get("/api/users/me")

    assert answer.status_code == 401
    assert answer.json()["error_type"] == error_type


def test_the_page_may_call_with_its_session_if_it_shows_the_csrf_token(ann):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)

    reading = client.get("/api/users/me")
    writing = client.post("/api/tweets", {"tweet_data": "x"}, "application/json")

    assert reading.status_code == 200
    assert writing.status_code == 403
    assert writing.json()["error_type"] == "permission_denied"


class Broken(ContractView):
    permission_classes = []

    def get(self, request):
        return 1 / 0


def test_what_nobody_foresaw_is_told_without_details(caplog):
    answer = Broken.as_view()(APIRequestFactory().get("/"))

    assert answer.status_code == 500
    assert answer.data["error_type"] == "error"
    assert "division" not in str(answer.data)
    assert "ZeroDivisionError" in caplog.text


def test_the_login_page_is_where_strangers_are_sent(settings):
    assert reverse(settings.LOGIN_URL) == "/login"
