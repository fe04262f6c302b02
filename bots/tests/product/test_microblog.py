import json
from typing import Any

import pytest
from pytest_django.fixtures import SettingsWrapper

from bots.models import PachcaAccount, Update
from bots.runtime import dispatch
from bots.tests.conftest import answers, message_event, run
from realtime.testing import sockets as sockets
from twitter.actions import post_tweet
from twitter.models import Tweet, User

VERA = 12


@pytest.fixture
def vera(bot: Any, sockets: Any) -> User:
    vera = User.objects.create_user("vera", name="Вера Орлова")
    PachcaAccount.objects.link(vera, VERA, in_sandbox=False)
    return vera


@pytest.fixture
def gleb(db: Any) -> User:
    return User.objects.create_user("gleb", name="Глеб Морозов")


def said_to(bot: Any, text: str, user_id: int = VERA) -> str:
    """Return what the bot answers."""
    raw = json.dumps(message_event(text, user_id=user_id))
    key = str(Update.objects.count())
    update = Update.objects.create(bot=bot, key=key, kind="message.new", raw=raw)
    run(dispatch.handle(update.pk))
    return answers()[-1]


def test_a_tweet_is_posted_as_whoever_is_linked(bot: Any, vera: Any) -> None:
    answer = said_to(bot, "/tweet Всем привет")

    tweet = Tweet.objects.get()
    assert (tweet.author, tweet.text) == (vera, "Всем привет")
    assert answer.endswith(f"/tweets/{tweet.pk}")


@pytest.mark.parametrize("command", ["/tweet x", "/feed", "/like 1", "/follow gleb"])
def test_who_is_not_linked_is_told_how(bot: Any, vera: Any, command: str) -> None:
    assert "/bots/link/" in said_to(bot, command, user_id=13)
    assert not Tweet.objects.exists()


def test_the_feed_has_the_numbers_to_like_by(bot: Any, vera: Any, gleb: Any) -> None:
    tweet = post_tweet(gleb, "Починил кофемашину")

    assert f"**Глеб Морозов** `@gleb` · No. {tweet.pk} · 0 likes" in said_to(bot, "/feed")
    said_to(bot, f"/like {tweet.pk}")

    assert tweet.likes.get().person == vera


@pytest.mark.parametrize("number", ["", "x", "0", "99999999999999999999", "-1"])
def test_a_tweet_that_is_not_there_cannot_be_liked(bot: Any, vera: Any, number: str) -> None:
    assert "no such tweet" in said_to(bot, f"/like {number}")


@pytest.mark.parametrize("name", ["gleb", "@gleb", "Глеб Морозов", "GLEB"])
def test_people_are_followed_by_either_name(bot: Any, vera: Any, gleb: Any, name: str) -> None:
    said_to(bot, f"/follow {name}")

    assert vera.follows.get().followed == gleb


def test_of_several_people_of_a_name_the_bot_asks_which(bot: Any, vera: Any, gleb: Any) -> None:
    User.objects.create_user("gleb2", name="Глеб Морозов")

    assert "@gleb2" in said_to(bot, "/follow Глеб Морозов")
    assert not vera.follows.exists()


@pytest.mark.parametrize("name", ["", "nobody", "vera"])
def test_who_cannot_be_followed_is_said_in_words(bot: Any, vera: Any, name: str) -> None:
    assert said_to(bot, f"/follow {name}")
    assert not vera.follows.exists()


def test_an_empty_feed_invites(bot: Any, vera: Any) -> None:
    assert "/tweet" in said_to(bot, "/feed")
    assert "/tweet" in said_to(bot, "/tweet")


def test_the_feed_links_what_the_page_links_and_nothing_else(
    bot: Any, vera: Any, gleb: Any, settings: SettingsWrapper
) -> None:
    post_tweet(gleb, "@vera, #Ёлка: «https://x.ru/a;#b» *не жирно* " + "слово " * 60)

    message = said_to(bot, "/feed").splitlines()[1]

    site = settings.SITE_URL
    assert f"[@\u2060vera]({site}/people/vera), " in message
    assert f"[\\#Ёлка]({site}/tags/%D0%B5%D0%BB%D0%BA%D0%B0): " in message
    assert "«[https://x.ru/a;#b](https://x.ru/a;#b)» \\*не жирно\\* слово" in message
    assert message.endswith("слово…") or message.endswith("сло…")


def test_whoever_has_taken_the_name_of_another_is_told_apart(
    bot: Any, vera: Any, gleb: Any
) -> None:
    other = User.objects.create_user("hacker", name="Глеб Морозов")
    tweet = post_tweet(other, "привет")

    assert "`@hacker`" in said_to(bot, "/feed")
    assert "`@hacker`" in said_to(bot, f"/like {tweet.pk}")
    assert "`@hacker`" in said_to(bot, "/follow hacker")
