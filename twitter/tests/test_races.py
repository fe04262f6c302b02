"""Two at once, in threads with connections of their own. PostgreSQL is where it matters most."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import connection

from twitter import actions
from twitter.models import Follow, Like, Media, Tweet, User
from twitter.tests.factories import make_person, picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quiet(sockets):
    """Nothing here leaves for a broker."""


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make all calls at the same moment; return what each gave or raised."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return call()
        except (ValidationError, ObjectDoesNotExist) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def people(count):
    return [make_person(f"p{n}") for n in range(count)]


def test_likes_at_once_are_all_counted():
    author, *others = people(6)
    tweet = actions.post_tweet(author, "раз")

    at_once(*(lambda person=person: actions.like(person, tweet) for person in others))

    tweet.refresh_from_db()
    assert (tweet.likes_count, Like.objects.count()) == (5, 5)


def test_one_like_twice_at_once_is_one():
    author, other = people(2)
    tweet = actions.post_tweet(author, "раз")

    at_once(*[lambda: actions.like(other, tweet)] * 4)

    tweet.refresh_from_db()
    assert (tweet.likes_count, Like.objects.count()) == (1, 1)


def test_liking_and_unliking_at_once_leaves_the_count_right():
    author, other = people(2)
    tweet = actions.post_tweet(author, "раз")

    both = [lambda: actions.like(other, tweet), lambda: actions.unlike(other, tweet)]
    at_once(*both * 3)

    tweet.refresh_from_db()
    assert tweet.likes_count == Like.objects.count()


def test_following_twice_and_each_other_at_once():
    ann, bob = people(2)

    mutual = [lambda: actions.follow(ann, bob), lambda: actions.follow(bob, ann)]
    at_once(*mutual * 3)

    counts = list(User.objects.values_list("followers_count", "following_count"))
    assert (Follow.objects.count(), counts) == (2, [(1, 1), (1, 1)])


def test_a_like_while_the_tweet_is_deleted_is_there_or_refused():
    ann, bob = people(2)
    tweet = actions.post_tweet(ann, "раз")

    _, liked = at_once(lambda: actions.delete_tweet(ann, tweet), lambda: actions.like(bob, tweet))

    tweet.refresh_from_db()
    was_refused = isinstance(liked, Tweet.DoesNotExist)
    assert tweet.hidden_at is not None
    assert tweet.likes_count == Like.objects.count() == (0 if was_refused else 1)


def test_one_upload_is_shown_by_one_tweet():
    (ann,) = people(1)
    media = actions.upload_media(ann, picture())

    answers = at_once(*[lambda: actions.post_tweet(ann, "кот", [media])] * 4)

    assert sum(isinstance(answer, ValidationError) for answer in answers) == 3
    assert Tweet.objects.get() == Media.objects.get().tweet


def test_a_repost_twice_at_once_is_one():
    ann, bob = people(2)
    tweet = actions.post_tweet(ann, "раз")

    at_once(*[lambda: actions.repost(bob, tweet)] * 4)

    tweet.refresh_from_db()
    assert (tweet.reposts_count, tweet.reposts.count()) == (1, 1)


def test_new_tags_in_two_tweets_at_once():
    ann, bob = people(2)

    at_once(
        lambda: actions.post_tweet(ann, "#раз #два #три"),
        lambda: actions.post_tweet(bob, "#три #два #раз"),
    )

    assert [tweet.tags.count() for tweet in Tweet.objects.all()] == [3, 3]
