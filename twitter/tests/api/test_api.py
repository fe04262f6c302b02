import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries, SettingsWrapper

from twitter import actions
from twitter.api.pages import MAX_LIKES
from twitter.models import Bookmark, Like, Media, Tweet, User
from twitter.serialization import serialize_tweet
from twitter.tests.conftest import caller
from twitter.tests.factories import make_person, make_tweets, picture


@pytest.fixture(autouse=True)
def quiet(sockets: Any) -> None:
    """Nothing here leaves for a broker."""


def texts(answer: Any) -> Any:
    return [tweet["content"] for tweet in answer.json()["tweets"]]


# --- people --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/users/me", "/api/users/me/", "/api/users/{pk}"])
def test_a_profile_tells_who_is_around(
    api: Any, ann: Any, bob: Any, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    actions.follow(bob, ann)

    with django_assert_num_queries(3):
        answer = api.get(path.format(pk=ann.pk))

    person = {
        "id": ann.pk,
        "name": "Анна Соколова",
        "followers": [{"id": bob.pk, "name": "Борис Кузнецов", "username": "bob"}],
        "following": [],
    }
    assert answer.status_code == 200
    assert answer.json()["result"] is True
    assert person.items() <= answer.json()["user"].items()


def test_people_are_listed_by_name_without_those_who_left(api: Any, ann: Any, bob: Any) -> None:
    User.objects.create(username="gone", is_active=False)

    assert api.get("/api/users/").json() == {
        "result": True,
        "users": [
            {"id": ann.pk, "name": "Анна Соколова", "username": "ann"},
            {"id": bob.pk, "name": "Борис Кузнецов", "username": "bob"},
        ],
    }
    assert [person["id"] for person in api.get("/api/users?q=кузн").json()["users"]] == [bob.pk]


def test_staff_make_a_person_who_can_call_at_once(root: Any) -> None:
    sent = {"name": "Пётр Ильин", "key": "a-key-of-ten"}
    answer = caller(root).post("/api/users/", sent, "application/json")

    made = User.objects.get(name="Пётр Ильин")
    assert answer.json() == {
        "result": True,
        "user": {"id": made.pk, "username": made.username, **sent},
    }
    me = Client(headers={"api-key": "a-key-of-ten"}).get("/api/users/me").json()
    assert me["user"]["id"] == made.pk


def test_staff_remove_a_person_with_their_tweets_or_without(root: Any, ann: Any, bob: Any) -> None:
    make_tweets(ann, 1)
    make_tweets(bob, 1)
    staff = caller(root)

    assert staff.delete(f"/api/users/{ann.pk}").json() == {"result": True}
    assert staff.delete(f"/api/users/{bob.pk}?tweets=keep").json() == {"result": True}

    assert [tweet["author"]["id"] for tweet in staff.get("/api/tweets").json()["tweets"]] == [
        bob.pk
    ]
    assert staff.get(f"/api/users/{ann.pk}").status_code == 404


def test_a_profile_can_be_changed(api: Any, ann: Any) -> None:
    answer = api.patch("/api/users/me", {"about": "Пишу код"}, "application/json")

    assert answer.json()["user"]["about"] == "Пишу код"
    assert answer.json()["user"]["name"] == "Анна Соколова"


def test_a_picture_of_a_person_is_square_and_shown(api: Any, ann: Any) -> None:
    answer = api.post("/api/users/me/avatar", {"file": picture(size=(300, 200))})
    address = answer.json()["avatar"]

    assert api.get("/api/users/me").json()["user"]["avatar"] == address
    assert Client().get(address).status_code == 200
    assert api.delete("/api/users/me/avatar").json() == {"result": True}
    assert api.get("/api/users/me").json()["user"]["avatar"] == ""


def test_following_and_unfollowing(api: Any, ann: Any, bob: Any) -> None:
    for _ in range(2):
        assert api.post(f"/api/users/{bob.pk}/follow").json() == {"result": True}
    assert api.get("/api/users/me").json()["user"]["following"] == [
        {"id": bob.pk, "name": "Борис Кузнецов", "username": "bob"}
    ]
    for _ in range(2):
        assert api.delete(f"/api/users/{bob.pk}/follow/").json() == {"result": True}
    assert api.get("/api/users/me").json()["user"]["following"] == []


# --- tweets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/tweets", "/api/tweets/"])
def test_a_tweet_is_posted(api: Any, ann: Any, path: str) -> None:
    answer = api.post(path, {"tweet_data": "Привет", "tweet_media_ids": []}, "application/json")

    tweet = Tweet.objects.get()
    assert answer.status_code == 200
    assert answer.json() == {"result": True, "tweet_id": tweet.pk}
    assert (tweet.author, tweet.text) == (ann, "Привет")


def test_the_feed_is_in_the_contracts_shape(api: Any, ann: Any, bob: Any) -> None:
    media = actions.upload_media(ann, picture(), "кот")
    tweet = actions.post_tweet(ann, "Привет", [media])
    actions.like(bob, tweet)

    (seen,) = api.get("/api/tweets").json()["tweets"]

    contract = {
        "id": tweet.pk,
        "content": "Привет",
        "attachments": [media.url],
        "likes": [{"user_id": bob.pk, "name": "Борис Кузнецов", "username": "bob"}],
    }
    assert contract.items() <= seen.items()
    assert {"id": ann.pk, "name": "Анна Соколова"}.items() <= seen["author"].items()


def test_the_live_line_tells_tweets_in_the_shape_of_the_feed(api: Any, ann: Any) -> None:
    tweet = actions.post_tweet(ann, "Привет", [actions.upload_media(ann, picture(), "кот")])

    (seen,) = api.get("/api/tweets").json()["tweets"]

    assert serialize_tweet(tweet).items() <= seen.items()


def test_a_page_costs_the_same_queries_whatever_is_on_it(
    api: Any, ann: Any, bob: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        tweet = actions.post_tweet(ann, str(number), [actions.upload_media(ann, picture())])
        actions.like(bob, tweet)
        actions.bookmark(ann, tweet)

    for query in ("?limit=5", "?limit=30", "?feed=popular", "?limit=5&offset=3"):
        api.get("/api/users/me")  # a key is remembered for seconds
        with django_assert_num_queries(4):
            api.get(f"/api/tweets{query}")


@pytest.mark.parametrize(
    ("query", "expected"),
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
def test_offset_is_the_number_of_a_page(api: Any, ann: Any, query: str, expected: str) -> None:
    make_tweets(ann, 5)

    assert "".join(texts(api.get(f"/api/tweets{query}"))) == expected


@pytest.mark.parametrize("feed", ["all", "popular", "following", "user"])
def test_a_cursor_leads_through_a_feed_while_it_grows(api: Any, ann: Any, feed: str) -> None:
    make_tweets(ann, 4)
    query = {"limit": 2, "feed": feed, "user": ann.pk}
    first = api.get("/api/tweets", query).json()
    make_tweets(ann, 1)

    second = api.get("/api/tweets", {**query, "cursor": first["next_cursor"]})

    assert texts(second) == ["2", "1"]
    assert second.json()["next_cursor"] is None


def test_tweets_of_one_moment_are_in_a_stable_order(api: Any, ann: Any) -> None:
    make_tweets(ann, 5)
    Tweet.objects.update(created_at=Tweet.objects.first().created_at)

    pages = [api.get("/api/tweets?limit=2")]
    while cursor := pages[-1].json()["next_cursor"]:
        pages.append(api.get("/api/tweets", {"limit": 2, "cursor": cursor}))

    seen = [text for page in pages for text in texts(page)]
    assert seen == ["5", "4", "3", "2", "1"]


def test_each_feed_has_what_it_says(api: Any, ann: Any, bob: Any) -> None:
    vera = make_person("vera", "Вера")
    actions.follow(ann, bob)
    of_bob, of_vera = (actions.post_tweet(person, person.username) for person in (bob, vera))
    actions.post_tweet(vera, "ответ", reply_to=of_bob)
    actions.repost(bob, of_vera)
    actions.like(ann, of_bob)
    mine = actions.post_tweet(ann, "#обед").text

    assert texts(api.get("/api/tweets")) == [mine, "vera", "bob"]
    assert texts(api.get("/api/tweets?feed=popular")) == ["vera", "bob", mine]
    assert texts(api.get("/api/tweets?feed=following")) == [mine, "", "bob"]
    assert texts(api.get(f"/api/tweets?feed=user&user={vera.pk}")) == ["ответ", "vera"]
    assert texts(api.get("/api/tweets?tag=Обед")) == [mine]


def test_a_repost_brings_its_original(api: Any, ann: Any, bob: Any) -> None:
    tweet = actions.post_tweet(bob, "Привет")
    passed_on = actions.repost(ann, tweet)

    (seen,) = api.get(f"/api/tweets?feed=user&user={ann.pk}").json()["tweets"]

    assert (seen["id"], seen["repost_of"]) == (passed_on.pk, tweet.pk)
    assert (seen["original"]["content"], seen["original"]["is_reposted"]) == ("Привет", True)


def test_what_the_caller_did_is_told(api: Any, ann: Any, bob: Any) -> None:
    tweet = actions.post_tweet(bob, "Привет")
    for call in ("likes", "reposts", "bookmark"):
        assert api.post(f"/api/tweets/{tweet.pk}/{call}").json()["result"] is True

    seen = api.get(f"/api/tweets/{tweet.pk}").json()["tweet"]
    assert (seen["is_liked"], seen["is_bookmarked"], seen["is_reposted"]) == (True, True, True)
    for call in ("likes", "reposts", "bookmark"):
        assert api.delete(f"/api/tweets/{tweet.pk}/{call}").json() == {"result": True}
    seen = api.get(f"/api/tweets/{tweet.pk}").json()["tweet"]
    assert (seen["is_liked"], seen["is_bookmarked"], seen["is_reposted"]) == (False, False, False)


def test_of_very_many_likes_the_latest_are_named_and_the_callers(
    api: Any, ann: Any, bob: Any
) -> None:
    tweet = actions.post_tweet(bob, "Привет")
    actions.like(ann, tweet)
    crowd = User.objects.bulk_create(
        User(username=f"p{n}", name=f"P{n}") for n in range(MAX_LIKES + 5)
    )
    Like.objects.bulk_create(Like(tweet=tweet, person=person) for person in crowd)
    Tweet.objects.update(likes_count=MAX_LIKES + 6)

    seen = api.get("/api/tweets").json()["tweets"][0]

    assert len(seen["likes"]) == MAX_LIKES + 1
    assert seen["likes"][0]["user_id"] == ann.pk
    assert seen["is_liked"] is True
    assert seen["likes_count"] == MAX_LIKES + 6


def test_a_thread_is_in_the_order_of_speech(api: Any, ann: Any, bob: Any) -> None:
    tweet = actions.post_tweet(ann, "Кто на обед?")
    answer = api.post(f"/api/tweets/{tweet.pk}", {"tweet_data": "Я"}, "application/json")

    assert texts(api.get(f"/api/tweets/{answer.json()['tweet_id']}/thread")) == [
        "Кто на обед?",
        "Я",
    ]


def test_a_tweet_is_edited_and_deleted_by_its_author(api: Any, ann: Any) -> None:
    tweet = actions.post_tweet(ann, "Привет")
    path = f"/api/tweets/{tweet.pk}"

    edited = api.patch(path, {"tweet_data": "Пока"}, "application/json")
    assert (edited.json()["tweet"]["content"], edited.status_code) == ("Пока", 200)
    assert api.delete(path).json() == {"result": True}
    assert api.get(path).status_code == 404
    assert api.delete(path).status_code == 404


def test_bookmarks_search_and_trends(api: Any, ann: Any, bob: Any) -> None:
    tweet = actions.post_tweet(bob, "Заказали новые столы #офис")
    Bookmark.objects.create(person=ann, tweet=tweet)

    assert texts(api.get("/api/bookmarks")) == [tweet.text]
    assert texts(api.get("/api/search", {"q": "новый стол"})) == [tweet.text]
    assert api.get("/api/trends").json() == {
        "result": True,
        "trends": [{"name": "офис", "people": 1, "uses": 1}],
    }


def test_notifications_are_told_and_read(api: Any, ann: Any, bob: Any) -> None:
    actions.like(bob, actions.post_tweet(ann, "Привет"))

    answer = api.get("/api/notifications").json()
    api.post("/api/notifications/read")
    later = api.get("/api/notifications").json()

    assert (answer["unread"], answer["notifications"][0]["kind"]) == (1, "like")
    assert (later["unread"], later["notifications"][0]["is_read"]) == (0, True)


# --- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error_type"),
    [
        ("get", "/api/tweets?limit=0", None, 400, "invalid"),
        ("get", "/api/tweets?limit=x", None, 400, "invalid"),
        ("get", "/api/tweets?offset=99999999999999999999", None, 400, "invalid"),
        ("get", "/api/tweets?cursor=x", None, 400, "invalid"),
        ("get", "/api/tweets?feed=popular&cursor=bmFuIDE=", None, 400, "invalid"),
        ("get", "/api/tweets?cursor=MS41IDE=", None, 400, "invalid"),
        ("get", "/api/tweets?feed=nothing", None, 400, "invalid"),
        ("get", "/api/tweets?feed=user", None, 400, "invalid"),
        ("get", "/api/tweets?feed=user&user=999", None, 404, "not_found"),
        ("get", "/api/search", None, 400, "invalid"),
        ("get", "/api/search?q=%00", None, 400, "invalid"),
        ("get", "/api/users?q=%00", None, 400, "invalid"),
        ("post", "/api/tweets", "{", 400, "parse_error"),
        ("post", "/api/tweets", "[]", 400, "invalid"),
        ("post", "/api/tweets", "{}", 400, "invalid"),
        ("post", "/api/tweets", '{"tweet_data": " "}', 400, "invalid"),
        ("post", "/api/tweets", '{"tweet_data": 5}', 400, "invalid"),
        ("post", "/api/tweets", '{"tweet_data": "\\u0000"}', 400, "invalid"),
        ("post", "/api/tweets", '{"tweet_data": "\\ud800"}', 400, "parse_error"),
        ("post", "/api/tweets", '{"tweet_data": "x", "tweet_media_ids": [1]}', 400, "invalid"),
        ("post", "/api/tweets", '{"tweet_data": "x", "tweet_media_ids": "a"}', 400, "invalid"),
        ("post", "/api/tweets/999", '{"tweet_data": "x"}', 404, "not_found"),
        ("post", "/api/tweets/999/likes", None, 404, "not_found"),
        ("post", "/api/users/999/follow", None, 404, "not_found"),
        ("post", "/api/users", '{"name": "x", "key": "short"}', 400, "invalid"),
        ("post", "/api/users", '{"name": "Пётр", "key": "long-enough"}', 403, "permission_denied"),
        ("patch", "/api/users/me", '{"name": "\\u0000x"}', 400, "invalid"),
        ("delete", "/api/tweets/99999999999999999999999", None, 404, "not_found"),
        ("delete", "/api/tweets", None, 405, "method_not_allowed"),
        ("get", "/api/nothing", None, 404, "not_found"),
        ("get", "/api/medias/nothing", None, 404, "not_found"),
    ],
)
def test_a_failure_is_in_the_contracts_shape(
    api: Any, method: str, path: str, body: Any, status: int, error_type: str
) -> None:
    answer = api.generic(method.upper(), path, body or "", "application/json")

    error = answer.json()
    assert answer.status_code == status
    assert (error["result"], error["error_type"]) == (False, error_type)
    assert set(error) == {"result", "error_type", "error_message"}


@pytest.mark.parametrize("path", ["/api/tweets", "/api/medias"])
def test_other_media_are_refused(api: Any, path: str) -> None:
    answer = api.generic("POST", path, "<tweet/>", "application/xml")

    assert answer.status_code == 415
    assert answer.json()["error_type"] == "unsupported_media_type"


@pytest.mark.parametrize(
    ("headers", "error_type"),
    [
        ({}, "not_authenticated"),
        ({"api-key": "wrong-key-wrong"}, "authentication_failed"),
        ({"api-key": ""}, "authentication_failed"),
        ({"api-key": "x" * 5000}, "authentication_failed"),
        ({"api-key": "ключ\0"}, "authentication_failed"),
    ],
)
def test_a_call_without_a_good_key_is_refused(db: Any, headers: Any, error_type: str) -> None:
    answer = Client(headers=headers).get("/api/users/me")

    assert answer.status_code == 401
    assert answer.json()["error_type"] == error_type


def test_the_page_may_call_with_its_session_if_it_shows_the_csrf_token(ann: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)

    reading = client.get("/api/users/me")
    writing = client.post("/api/tweets", {"tweet_data": "x"}, "application/json")

    assert reading.status_code == 200
    assert writing.status_code == 403
    assert writing.json()["error_type"] == "permission_denied"


def test_an_unforeseen_exception_is_logged_and_returned_without_details(
    api: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE twitter_tweet RENAME TO elsewhere")

    answer = api.get("/api/tweets")

    assert (answer.status_code, answer.json()["error_type"]) == (500, "error")
    assert "elsewhere" not in answer.content.decode()
    assert "twitter_tweet" not in answer.content.decode()
    assert "Unexpected error in an API call" in caplog.text


def test_the_login_page_is_where_strangers_are_sent(settings: SettingsWrapper) -> None:
    assert reverse(settings.LOGIN_URL) == "/login"


@pytest.mark.parametrize("reply", [False, True])
def test_texts_are_counted_and_stored_normalised(api: Any, ann: Any, reply: bool) -> None:
    first = actions.post_tweet(ann, "раз")
    path = f"/api/tweets/{first.pk}" if reply else "/api/tweets"
    text = unicodedata.normalize("NFD", "й" * 2500) + "\r\n" + "я" * 2499

    answer = api.post(path, {"tweet_data": text}, "application/json")

    tweet = Tweet.objects.get(pk=answer.json()["tweet_id"])
    assert tweet.text == "й" * 2500 + "\n" + "я" * 2499


@pytest.mark.parametrize("name", ["\u200b\u200b", "Вера\u202eарев", "Ве\x08ра", "Вера @boris"])
def test_a_name_that_looks_like_another_is_refused_in_words(api: Any, root: Any, name: str) -> None:
    sent = {"name": name, "key": "a-key-of-ten"}

    for answer in (
        api.patch("/api/users/me", {"name": name}, "application/json"),
        caller(root).post("/api/users", sent, "application/json"),
    ):
        assert answer.status_code == 400
        assert answer.json()["error_message"]


def test_a_tweet_with_pictures_only(api: Any, ann: Any) -> None:
    media = actions.upload_media(ann, picture())

    answer = api.post(
        "/api/tweets", {"tweet_data": "", "tweet_media_ids": [media.pk]}, "application/json"
    )

    assert Media.objects.get().tweet_id == answer.json()["tweet_id"]


def test_whoever_has_taken_the_name_of_another_is_told_apart_by_the_username(
    api: Any, ann: Any, bob: Any
) -> None:
    other = make_person("hacker", bob.name)
    tweet = actions.post_tweet(other, "привет, @ann")
    actions.like(other, tweet)
    actions.follow(other, ann)
    actions.follow(ann, other)
    known = {"name": bob.name, "username": "hacker"}

    page, me = api.get("/api/tweets").json()["tweets"][0], api.get("/api/users/me").json()["user"]
    people = api.get("/api/users").json()["users"]
    answer = api.get("/api/notifications").json()["notifications"]

    for person in (
        page["author"],
        *page["likes"],
        *me["followers"],
        *me["following"],
        *(each["actor"] for each in answer),
        *(each for each in people if each["id"] == other.pk),
    ):
        assert known.items() <= person.items()


def test_a_feed_without_limit_is_whole_so_that_front_ends_can_count_it(api: Any, ann: Any) -> None:
    make_tweets(ann, 230)

    whole = api.get("/api/tweets").json()

    assert [tweet["content"] for tweet in whole["tweets"]] == [str(n) for n in range(230, 0, -1)]
    assert whole["next_cursor"] is None
    assert api.get("/api/tweets/", {"feed": "all"}).json() == whole
    assert len(api.get("/api/tweets?offset=1").json()["tweets"]) == 50
    assert len(api.get("/api/bookmarks").json()["tweets"]) == 0


@pytest.mark.parametrize("most", [1, 50, 100, 150])
def test_a_whole_feed_ends_at_the_maximum_and_leads_on(
    api: Any, ann: Any, settings: SettingsWrapper, most: int
) -> None:
    settings.API_FEED_MAX = most
    make_tweets(ann, most + 1)

    whole = api.get("/api/tweets").json()
    rest = api.get("/api/tweets", {"cursor": whole["next_cursor"]}).json()

    assert (len(whole["tweets"]), [it["content"] for it in rest["tweets"]]) == (most, ["1"])


def test_the_nginx_example_leaves_the_front_ends_routes_to_it() -> None:
    docs = (Path(__file__).parents[3] / "docs/microblog-api.md").read_text()
    (pattern,) = re.findall(r"location ~ (\S+) \{", docs)

    assert all(re.match(pattern, path) for path in ("/api/tweets", "/docs", "/ws", "/v1/models"))
    assert not any(re.match(pattern, path) for path in ("/login", "/logout", "/profile/1", "/"))
