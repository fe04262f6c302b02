"""Nothing that a client sends is a server error."""

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from twitter import actions
from twitter.api.calls import CALLS
from twitter.models import Notification, Tweet
from twitter.pages.urls import urlpatterns
from twitter.tests.factories import make_tweets

IDS = ["0", "-1", "9" * 18, str(2**63 - 1), str(2**63), "9" * 40, "9" * 5000, "%D9%A3"]
TEXTS = ["%00", "a%00b", "%ED%A0%80", "%FF", "%F0%9F%98%80", "..%2F", "%0A", "x" * 5000, "%20"]
TEXTS += ["%C4%B0" * 60, "%E2%80%AE", "I%CC%87", "'--", "%25", "%22%3E", "ann", "1", "1e999"]
MOMENTS = ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-01T00:00:00"]
MOMENTS += ["2026-01-01T00:00:00+00:00", "2026-02-31", "now"]
NUMBERS = ["nan", "inf", "-inf", "1e999", "1e308", "9" * 40, "-1", "1_0", "None", "\0", ""]
PLACES = [f"{value} {pk}" for value in MOMENTS + NUMBERS for pk in ("1", "9" * 18, "-1", "٣", "")]
CURSORS = [base64.urlsafe_b64encode(each.encode()).decode() for each in PLACES]
LISTS = {
    "cursor": [
        *("/api/tweets?feed=all", "/api/tweets?feed=popular", "/api/tweets?feed=following"),
        *("/api/bookmarks?", "/api/search?q=a", "/api/tweets/{pk}/thread?"),
    ],
    "after": [
        *("/?feed=all", "/?feed=popular", "/?feed=following", "/bookmarks?", "/search?q=a"),
        *("/tags/tag?", "/people/root?", "/tweets/{pk}?"),
    ],
}
PARAMETERS = {
    "/api/tweets?feed=user&user=": IDS, "/api/tweets?limit=": IDS, "/api/tweets?offset=": IDS,
    "/api/tweets?tag=": TEXTS, "/api/search?q=": TEXTS, "/api/users?q=": TEXTS,
    "/api/notifications?before=": IDS, "/api/notifications?limit=": IDS,
    "/search?q=": TEXTS, "/names?begins=": TEXTS, "/tweets/some?ids=": [*IDS, *TEXTS],
    "/notifications?before=": [*IDS, *TEXTS], "/people/root/followers?page=": [*IDS, *TEXTS],
    "/?feed=": TEXTS, "/login?next=": TEXTS,
}  # fmt: skip
VALUES = ['"\\u0000"', '"\\ud800"', '"#' + "İ" * 60 + '"', '"@' + "x" * 400 + '"', '""', "null"]
VALUES += ["1e999", str(2**63), str(10**40), "[]", "true", '"' + "\\u202e" * 9 + '"', "[" * 2000]
BODIES = ["", "{", "[]", "null", "%s", '{"tweet_data": %s}', '{"name": %s, "key": "a-key-of-ten"}']
BODIES += ['{"tweet_data": "x", "tweet_media_ids": [%s]}', '{"name": "Ann", "key": %s}']
BODIES += ['{"about": %s}', '{"name": %s}']


def routes() -> Iterator[str]:
    yield from sorted({f"/api/{call.path}" for call in CALLS})
    yield from (f"/{pattern.pattern}" for pattern in urlpatterns)


@pytest.fixture
def client_of_staff(sockets: Any, root: Any, bob: Any) -> Client:
    """Somebody who may do everything, on a site with something of everything."""
    reply = actions.post_tweet(bob, "@root #tag", reply_to=make_tweets(root, 3)[0])
    actions.bookmark(root, reply)
    actions.like(bob, Tweet.objects.latest("pk"))
    assert Notification.objects.exists()
    client = Client(raise_request_exception=True)
    client.force_login(root)
    return client


@pytest.fixture
def assert_no_server_error(client_of_staff: Any) -> Any:
    """Call and check the status; pages also with htmx, which gets other responses."""

    def call(method: str, path: str, body: str = "", kind: str = "application/json") -> None:
        for headers in [{}, {"HX-Request": "true"}][: 1 if path.startswith("/api/") else 2]:
            answer = client_of_staff.generic(method, path, body, kind, headers=headers)
            assert answer.status_code < 500, (method, path, body, answer.content)

    return call


@pytest.mark.parametrize("route", routes())
def test_no_address_is_a_server_error(assert_no_server_error: Any, route: Any) -> None:
    for part in [*IDS, *TEXTS] if "<" in route else [""]:
        path = re.sub(r"<[^>]*>", part, route)
        if path == "/tweets/1/speech":
            continue  # waits for a worker, and is then answered with 503 and Retry-After
        for method in ("GET", "POST", "DELETE", "PATCH")[: 4 if path.startswith("/api/") else 2]:
            assert_no_server_error(method, path)


@pytest.mark.parametrize("model", ["user", "apikey", "tweet", "media", "hashtag"])
def test_no_row_of_the_admin_is_a_server_error(assert_no_server_error: Any, model: str) -> None:
    for part in [*IDS, *TEXTS]:
        for page in ("change", "history", "delete"):
            assert_no_server_error("GET", f"/admin/twitter/{model}/{part}/{page}/")


@pytest.mark.parametrize("parameter", ["cursor", "after"])
def test_no_cursor_is_a_server_error(assert_no_server_error: Any, parameter: str) -> None:
    pk = Tweet.objects.latest("pk").pk
    for address in LISTS[parameter]:
        for cursor in [*CURSORS, *TEXTS, *IDS]:
            assert_no_server_error("GET", f"{address.format(pk=pk)}&{parameter}={cursor}")


@pytest.mark.parametrize("address", PARAMETERS)
def test_no_parameter_is_a_server_error(assert_no_server_error: Any, address: Any) -> None:
    for value in PARAMETERS[address]:
        assert_no_server_error("GET", address + value)


@pytest.mark.parametrize("path", ["/api/tweets", "/api/users", "/api/users/me", "/api/tweets/{pk}"])
def test_no_body_is_a_server_error(assert_no_server_error: Any, path: str) -> None:
    pk = Tweet.objects.latest("pk").pk
    for body in BODIES:
        for value in VALUES if "%s" in body else [""]:
            for method in ("POST", "PATCH"):
                assert_no_server_error(method, path.format(pk=pk), body.replace("%s", value))


@pytest.mark.parametrize(
    "path",
    ["/post", "/settings", "/settings/keys", "/login", "/tweets/{pk}/edit", "/tweets/{pk}/hide"],
)
def test_no_form_is_a_server_error(assert_no_server_error: Any, path: str) -> None:
    pk = Tweet.objects.latest("pk").pk
    kind = "application/x-www-form-urlencoded"
    for value in [*IDS, *TEXTS]:
        for name in ("text", "name", "about", "reason", "reply_to", "media", "username", "next"):
            assert_no_server_error(
                "POST", path.format(pk=pk), f"text=x&name=xx&media=&{name}={value}", kind
            )
