"""The contract over real HTTP: the whole site in a process of its own, called as front ends do."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest
from django.conf import settings
from redis import Redis

from core.redis.rate_limit import counter_key
from twitter.api.gate import WINDOW
from twitter.models import ApiKey, Tweet, User
from twitter.models.keys import hash_key
from twitter.tests.factories import make_tweets, picture

pytestmark = pytest.mark.django_db(transaction=True)

DONE = {"result": True}
NEW_PERSON = {"name": "Никто", "key": "a-key-of-ten"}
SLASHES = pytest.mark.parametrize("slash", ["", "/"], ids=["no slash", "slash"])


class Caller:
    """Somebody who calls the site, and is not led elsewhere by redirects."""

    def __init__(self, web: str, person: User | None) -> None:
        self.key = ApiKey.objects.make(person, "tests")[1] if person else None
        headers = {"api-key": self.key} if self.key else {}
        self.http = httpx.Client(base_url=web, headers=headers, timeout=20)

    def __call__(self, method: str, path: str, **request: Any) -> Any:
        """Return what a call that succeeds answers."""
        answer = self.http.request(method, path, **request)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        return answer.json()

    def expect_error(self, status: int, method: str, path: str, **request: Any) -> str:
        """Check an error response and return its message."""
        answer = self.http.request(method, path, **request)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
        body = answer.json()
        assert body["result"] is False
        assert body["error_type"]
        assert body["error_message"]
        return str(body["error_message"])


@pytest.fixture
def calls_as(web: str) -> Iterator[Any]:
    callers: list[Caller] = []

    def make(person: User | None) -> Caller:
        callers.append(Caller(web, person))
        return callers[-1]

    yield make
    for caller in callers:
        caller.http.close()


@pytest.fixture
def call(calls_as: Any, ann: User) -> Caller:
    made: Caller = calls_as(ann)
    return made


def in_contract(answer: Any, promised: Any) -> Any:
    """Return of an answer what the contract names: added keys are fine, other rows are not."""
    if isinstance(promised, dict):
        return {name: in_contract(answer[name], value) for name, value in promised.items()}
    if isinstance(promised, list):
        return [in_contract(*pair) for pair in zip(answer, promised, strict=True)]
    return answer


def image() -> dict[str, Any]:
    return {"file": ("cat.png", picture().read(), "image/png")}


# --- every call of the table ---------------------------------------------------------------------


@SLASHES
def test_a_tweet_with_a_picture_is_posted_read_and_deleted(call: Any, ann: Any, slash: Any) -> None:
    uploaded = call("POST", f"/api/medias{slash}", files=image())
    sent = {"tweet_data": "Привет", "tweet_media_ids": [uploaded["media_id"]]}
    made = call("POST", f"/api/tweets{slash}", json=sent)
    assert made == {"result": True, "tweet_id": Tweet.objects.get().pk}

    page = call("GET", f"/api/tweets{slash}")
    (address,) = page["tweets"][0]["attachments"]
    promised = {
        "result": True,
        "tweets": [
            {
                "id": made["tweet_id"],
                "content": "Привет",
                "attachments": [address],
                "author": {"id": ann.pk, "name": "Анна Соколова"},
                "likes": [],
            }
        ],
    }
    assert in_contract(page, promised) == promised
    assert address.startswith("/api/medias/")
    shown = call.http.get(address + slash, headers={"api-key": ""})
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")

    assert call("DELETE", f"/api/tweets/{made['tweet_id']}{slash}") == DONE
    assert call("GET", f"/api/tweets{slash}")["tweets"] == []


@SLASHES
def test_likes_are_idempotent_and_carry_names(call: Any, ann: Any, bob: Any, slash: Any) -> None:
    (tweet,) = make_tweets(bob, 1)
    path = f"/api/tweets/{tweet.pk}/likes{slash}"

    assert [call("POST", path), call("POST", path)] == [DONE, DONE]
    likes = [{"user_id": ann.pk, "name": "Анна Соколова"}]
    assert in_contract(call("GET", "/api/tweets")["tweets"][0]["likes"], likes) == likes
    assert [call("DELETE", path), call("DELETE", path)] == [DONE, DONE]
    assert call("GET", "/api/tweets")["tweets"][0]["likes"] == []


@SLASHES
def test_following_is_idempotent_and_told_in_both_profiles(
    call: Any, ann: Any, bob: Any, slash: Any
) -> None:
    path = f"/api/users/{bob.pk}/follow{slash}"
    her, him = {"id": ann.pk, "name": ann.name}, {"id": bob.pk, "name": bob.name}

    assert [call("POST", path), call("POST", path)] == [DONE, DONE]
    mine = {"result": True, "user": {**her, "followers": [], "following": [him]}}
    his = {"result": True, "user": {**him, "followers": [her], "following": []}}
    assert in_contract(call("GET", f"/api/users/me{slash}"), mine) == mine
    assert in_contract(call("GET", f"/api/users/{bob.pk}{slash}"), his) == his
    assert [call("DELETE", path), call("DELETE", path)] == [DONE, DONE]
    assert call("GET", f"/api/users/me{slash}")["user"]["following"] == []


@SLASHES
def test_staff_make_a_person_and_end_the_account(calls_as: Any, root: Any, slash: Any) -> None:
    staff = calls_as(root)

    made = staff("POST", f"/api/users{slash}", json=NEW_PERSON)
    number = made["user"]["id"]
    promised = {"result": True, "user": {"id": number, **NEW_PERSON}}
    assert in_contract(made, promised) == promised
    listed = {"result": True, "users": [{"id": number, "name": "Никто"}, {"id": root.pk}]}
    assert in_contract(staff("GET", f"/api/users{slash}"), listed) == listed
    assert staff("DELETE", f"/api/users/{number}{slash}") == DONE
    staff.expect_error(404, "GET", f"/api/users/{number}{slash}")


@pytest.mark.parametrize(("page", "texts"), [(0, "43"), (1, "43"), (2, "21"), (3, "")])
def test_offset_is_the_number_of_a_page(call: Any, ann: Any, page: int, texts: str) -> None:
    make_tweets(ann, 4)

    answer = call("GET", f"/api/tweets?limit=2&offset={page}")

    assert "".join(tweet["content"] for tweet in answer["tweets"]) == texts


def test_a_cursor_leads_through_all_pages(call: Any, ann: Any) -> None:
    make_tweets(ann, 5)
    texts = ""
    cursor: str | None = ""
    while cursor is not None:
        page = call("GET", f"/api/tweets?limit=2{cursor and f'&cursor={cursor}'}")
        texts += "".join(tweet["content"] for tweet in page["tweets"])
        cursor = page["next_cursor"]

    assert texts == "54321"


# --- refusals ------------------------------------------------------------------------------------


def test_bad_input_is_400(call: Any, ann: Any) -> None:
    as_json = {"content-type": "application/json"}
    for body in (
        b"{",
        b"",
        b"[]",
        b'"x"',
        b"null",
        b"\xff",
        b'{"tweet_data": []}',
        b"[" * 100_000,
        b'{"tweet_data": "\\ud800"}',
    ):
        call.expect_error(400, "POST", "/api/tweets", content=body, headers=as_json)
    for query in ("limit=x", "limit=0", "offset=-1", "cursor=x", "feed=none"):
        call.expect_error(400, "GET", f"/api/tweets?{query}")
    call.expect_error(400, "POST", "/api/medias", files={"other": b"x"})
    call.expect_error(400, "POST", "/api/tweets", json={"tweet_data": "x", "tweet_media_ids": [1]})
    call.expect_error(400, "POST", f"/api/users/{ann.pk}/follow")


def test_no_key_and_a_wrong_key_are_401(calls_as: Any, db: Any) -> None:
    stranger = calls_as(None)
    for path in ("/api/tweets", "/api/users/me/", "/api/users/"):
        stranger.expect_error(401, "GET", path)
        for key in ("wrong", "", "x" * 5000):
            stranger.expect_error(401, "GET", path, headers={"api-key": key})
    stranger.expect_error(401, "POST", "/api/tweets", json={"tweet_data": "x"})


def test_what_is_somebody_elses_is_403(call: Any, bob: Any) -> None:
    (tweet,) = make_tweets(bob, 1)

    call.expect_error(403, "DELETE", f"/api/tweets/{tweet.pk}")
    call.expect_error(403, "POST", "/api/users/", json=NEW_PERSON)
    call.expect_error(403, "DELETE", f"/api/users/{bob.pk}")


def test_what_is_not_there_is_404(call: Any) -> None:
    for path in ("tweets/1/likes", "users/999999999/follow", "users/9" + "9" * 40 + "/follow"):
        call.expect_error(404, "POST", f"/api/{path}")
    for path in (
        "",
        "none",
        "tweets/x",
        "tweets/-1",
        "medias/none.png",
        "medias/..%2f..%2fx",
        "%00",
    ):
        call.expect_error(404, "GET", f"/api/{path}")


def test_what_is_too_large_is_413_and_what_is_no_picture_415(call: Any) -> None:
    large = {"file": ("cat.png", bytes(settings.PICTURE_MAX_BYTES + 1), "image/png")}
    call.expect_error(413, "POST", "/api/medias", files=large)
    call.expect_error(415, "POST", "/api/medias", files={"file": ("cat.png", b"no picture")})
    call.expect_error(415, "POST", "/api/tweets", data={"tweet_data": "x"})
    call.expect_error(413, "POST", "/api/tweets", json={"tweet_data": "x" * 3_000_000})


def test_the_answer_is_json_whatever_kind_is_asked_for(call: Any) -> None:
    for kind in ("text/html", "application/xml", "image/*", "nonsense"):
        call("GET", "/api/tweets", headers={"accept": kind})
    call("GET", "/api/tweets?format=xml")


def test_a_body_that_announces_too_much_is_413_before_it_is_sent(call: Any) -> None:
    site = call.http.base_url
    with closing(HTTPConnection(site.host, site.port, timeout=20)) as connection:
        connection.putrequest("POST", "/api/tweets")
        connection.putheader("content-length", str(settings.MAX_BODY + 1))
        connection.endheaders()
        answer = connection.getresponse()
        assert (answer.status, json.load(answer)["error_type"]) == (413, "too_large")


def test_too_many_calls_are_429_for_one_key_alone(call: Any, calls_as: Any, bob: Any) -> None:
    now = time.time()
    moments = (now, now + WINDOW.seconds)
    counts = {counter_key(hash_key(call.key), WINDOW, moment): 10**6 for moment in moments}
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.mset(counts)
        call.expect_error(429, "GET", "/api/tweets")
        assert int(call.http.get("/api/tweets").headers["retry-after"]) <= WINDOW.seconds
        redis.delete(*counts)
    assert call.http.get("/api/tweets").status_code == 200
    assert calls_as(bob)("GET", "/api/users/me")["result"] is True


@pytest.mark.parametrize("path", ["tweets", "users/me", "users", "medias", "none", "medias/x"])
def test_other_methods_are_answered_in_shape(call: Any, path: str) -> None:
    for method in ("HEAD", "OPTIONS", "PUT", "TRACE"):
        answer = call.http.request(method, f"/api/{path}")
        assert answer.status_code in (200, 404, 405), method
        if answer.content:
            assert method == "OPTIONS" or answer.json()["result"] is False
