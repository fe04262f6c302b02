"""Who may call what on whose: every call of the contract, for everybody."""

from typing import Any

import pytest
from django.test import Client

from twitter import actions
from twitter.api.authentication import allow_anonymous
from twitter.api.calls import CALLS
from twitter.tests.conftest import caller

TWEET = '{"tweet_data": "x"}'
PERSON = '{"name": "Пётр", "key": "a-key-of-ten"}'
PROFILE = '{"about": "x"}'

# (method, address, body): what a stranger, another person, the owner, a moderator and root get
OK, NO, WHO = 200, 403, 401
MATRIX = {
    ("get", "tweets", None): (WHO, OK, OK, OK, OK),
    ("post", "tweets", TWEET): (WHO, OK, OK, OK, OK),
    ("get", "tweets/{tweet}", None): (WHO, OK, OK, OK, OK),
    ("post", "tweets/{tweet}", TWEET): (WHO, OK, OK, OK, OK),
    ("patch", "tweets/{tweet}", TWEET): (WHO, NO, OK, NO, NO),
    ("delete", "tweets/{tweet}", None): (WHO, NO, OK, OK, OK),
    ("get", "tweets/{tweet}/thread", None): (WHO, OK, OK, OK, OK),
    ("post", "tweets/{tweet}/likes", None): (WHO, OK, OK, OK, OK),
    ("delete", "tweets/{tweet}/likes", None): (WHO, OK, OK, OK, OK),
    ("post", "tweets/{tweet}/reposts", None): (WHO, OK, OK, OK, OK),
    ("delete", "tweets/{tweet}/reposts", None): (WHO, OK, OK, OK, OK),
    ("post", "tweets/{tweet}/bookmark", None): (WHO, OK, OK, OK, OK),
    ("delete", "tweets/{tweet}/bookmark", None): (WHO, OK, OK, OK, OK),
    ("get", "bookmarks", None): (WHO, OK, OK, OK, OK),
    ("get", "search?q=x", None): (WHO, OK, OK, OK, OK),
    ("get", "trends", None): (WHO, OK, OK, OK, OK),
    ("get", "users", None): (WHO, OK, OK, OK, OK),
    ("post", "users", PERSON): (WHO, NO, NO, NO, OK),
    ("get", "users/me", None): (WHO, OK, OK, OK, OK),
    ("patch", "users/me", PROFILE): (WHO, OK, OK, OK, OK),
    ("delete", "users/me/avatar", None): (WHO, OK, OK, OK, OK),
    ("get", "users/{owner}", None): (WHO, OK, OK, OK, OK),
    ("delete", "users/{owner}", None): (WHO, NO, NO, NO, OK),
    ("post", "users/{owner}/follow", None): (WHO, OK, 400, OK, OK),
    ("delete", "users/{owner}/follow", None): (WHO, OK, OK, OK, OK),
    ("get", "notifications", None): (WHO, OK, OK, OK, OK),
    ("post", "notifications/read", None): (WHO, OK, OK, OK, OK),
    ("post", "medias", None): (WHO, 400, 400, 400, 400),  # nothing was sent
}
CALLERS = ["stranger", "another", "owner", "moderator", "root"]


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize("call", MATRIX, ids=lambda call: f"{call[0]} {call[1]}")
def test_everybody_may_do_what_is_theirs(
    call: Any, who: Any, ann: Any, bob: Any, moderator: Any, root: Any, sockets: Any
) -> None:
    people = {"another": bob, "owner": ann, "moderator": moderator, "root": root}
    client = caller(people[who]) if who in people else Client()
    tweet = actions.post_tweet(ann, "привет")
    method, address, body = call

    path = "/api/" + address.format(tweet=tweet.pk, owner=ann.pk)
    answer = client.generic(method.upper(), path, body or "", "application/json")

    assert answer.status_code == MATRIX[call][CALLERS.index(who)]


def test_the_one_call_that_is_open_to_strangers_shows_a_picture() -> None:
    assert [call.path for call in CALLS if call.permission is allow_anonymous] == [
        "medias/<str:filename>"
    ]


@pytest.mark.parametrize(
    "call",
    [call for call in CALLS if call.permission is not allow_anonymous],
    ids=lambda call: f"{call.method} {call.path}",
)
def test_strangers_are_refused_every_other_call(db: Any, call: Any) -> None:
    path = "/api/" + call.path.replace("<int:tweet_id>", "1").replace("<int:user_id>", "1")

    assert Client().generic(call.method, path).status_code == 401
