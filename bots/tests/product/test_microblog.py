import json

import pytest

from bots import dispatch
from bots.models import PachcaAccount, Update
from bots.tests.conftest import answers, message_event, run
from realtime.testing import sockets as sockets
from twitter.actions import post_tweet
from twitter.models import Tweet, User

VERA = 12


@pytest.fixture
def vera(bot, sockets) -> User:
    vera = User.objects.create_user("vera", name="Вера Орлова")
    PachcaAccount.objects.link(vera, VERA, in_sandbox=False)
    return vera


@pytest.fixture
def gleb(db) -> User:
    return User.objects.create_user("gleb", name="Глеб Морозов")


def said_to(bot, text: str, user_id: int = VERA) -> str:
    """Return what the bot answers."""
    raw = json.dumps(message_event(text, user_id=user_id))
    key = str(Update.objects.count())
    update = Update.objects.create(bot=bot, key=key, kind="message.new", raw=raw)
    run(dispatch.handle(update.pk))
    return answers()[-1]


def test_a_tweet_is_posted_as_whoever_is_linked(bot, vera):
    answer = said_to(bot, "/tweet Всем привет")

    tweet = Tweet.objects.get()
    assert (tweet.author, tweet.text) == (vera, "Всем привет")
    assert answer.endswith(f"/tweets/{tweet.pk}")


@pytest.mark.parametrize("command", ["/tweet x", "/feed", "/like 1", "/follow gleb"])
def test_who_is_not_linked_is_told_how(bot, vera, command):
    assert "/bots/link/" in said_to(bot, command, user_id=13)
    assert not Tweet.objects.exists()


def test_the_feed_has_the_numbers_to_like_by(bot, vera, gleb):
    tweet = post_tweet(gleb, "Починил кофемашину")

    assert f"No. {tweet.pk} · 0 likes" in said_to(bot, "/feed")
    said_to(bot, f"/like {tweet.pk}")

    assert tweet.likes.get().person == vera


@pytest.mark.parametrize("number", ["", "x", "0", "99999999999999999999", "-1"])
def test_a_tweet_that_is_not_there_cannot_be_liked(bot, vera, number):
    assert "no such tweet" in said_to(bot, f"/like {number}")


@pytest.mark.parametrize("name", ["gleb", "@gleb", "Глеб Морозов", "GLEB"])
def test_people_are_followed_by_either_name(bot, vera, gleb, name):
    said_to(bot, f"/follow {name}")

    assert vera.follows.get().followed == gleb


def test_of_several_people_of_a_name_the_bot_asks_which(bot, vera, gleb):
    User.objects.create_user("gleb2", name="Глеб Морозов")

    assert "@gleb2" in said_to(bot, "/follow Глеб Морозов")
    assert not vera.follows.exists()


@pytest.mark.parametrize("name", ["", "nobody", "vera"])
def test_who_cannot_be_followed_is_said_in_words(bot, vera, name):
    assert said_to(bot, f"/follow {name}")
    assert not vera.follows.exists()


def test_an_empty_feed_invites(bot, vera):
    assert "/tweet" in said_to(bot, "/feed")
    assert "/tweet" in said_to(bot, "/tweet")
