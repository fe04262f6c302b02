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
def quiet(sockets: Any) -> None:
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


def people(count: Any) -> Any:
    return [make_person(f"p{n}") for n in range(count)]


def test_likes_at_once_are_all_counted() -> None:
    author, *others = people(6)
    tweet = actions.post_tweet(author, "раз")

    at_once(*(lambda person=person: actions.like(person, tweet) for person in others))

    tweet.refresh_from_db()
    assert (tweet.likes_count, Like.objects.count()) == (5, 5)


def test_one_like_twice_at_once_is_one() -> None:
    author, other = people(2)
    tweet = actions.post_tweet(author, "раз")

    at_once(*[lambda: actions.like(other, tweet)] * 4)

    tweet.refresh_from_db()
    assert (tweet.likes_count, Like.objects.count()) == (1, 1)


def test_liking_and_unliking_at_once_leaves_the_count_right() -> None:
    author, other = people(2)
    tweet = actions.post_tweet(author, "раз")

    both = [lambda: actions.like(other, tweet), lambda: actions.unlike(other, tweet)]
    at_once(*both * 3)

    tweet.refresh_from_db()
    assert tweet.likes_count == Like.objects.count()


def test_following_twice_and_each_other_at_once() -> None:
    ann, bob = people(2)

    mutual = [lambda: actions.follow(ann, bob), lambda: actions.follow(bob, ann)]
    at_once(*mutual * 3)

    counts = list(User.objects.values_list("followers_count", "following_count"))
    assert (Follow.objects.count(), counts) == (2, [(1, 1), (1, 1)])


def test_a_like_while_the_tweet_is_deleted_is_there_or_refused() -> None:
    ann, bob = people(2)
    tweet = actions.post_tweet(ann, "раз")

    _, liked = at_once(lambda: actions.delete_tweet(ann, tweet), lambda: actions.like(bob, tweet))

    tweet.refresh_from_db()
    was_refused = isinstance(liked, Tweet.DoesNotExist)
    assert tweet.hidden_at is not None
    assert tweet.likes_count == Like.objects.count() == (0 if was_refused else 1)


def test_one_upload_is_shown_by_one_tweet() -> None:
    (ann,) = people(1)
    media = actions.upload_media(ann, picture())

    answers = at_once(*[lambda: actions.post_tweet(ann, "кот", [media])] * 4)

    assert sum(isinstance(answer, ValidationError) for answer in answers) == 3
    assert Tweet.objects.get() == Media.objects.get().tweet


def test_a_repost_twice_at_once_is_one() -> None:
    ann, bob = people(2)
    tweet = actions.post_tweet(ann, "раз")

    at_once(*[lambda: actions.repost(bob, tweet)] * 4)

    tweet.refresh_from_db()
    assert (tweet.reposts_count, tweet.reposts.count()) == (1, 1)


def test_new_tags_in_two_tweets_at_once() -> None:
    ann, bob = people(2)

    at_once(
        lambda: actions.post_tweet(ann, "#раз #два #три"),
        lambda: actions.post_tweet(bob, "#три #два #раз"),
    )

    assert [tweet.tags.count() for tweet in Tweet.objects.all()] == [3, 3]


def test_people_of_one_name_made_at_once_get_names_of_their_own() -> None:
    root = User.objects.create_superuser("root")
    keys = [f"a-key-of-ten-{n}" for n in range(4)]

    made = at_once(*(lambda key=key: actions.make_person(root, "Пётр Ильин", key) for key in keys))

    numbers = ["", "-2", "-3", "-4"]
    assert sorted(it.username for it in made) == [f"пётр-ильин{number}" for number in numbers]


def test_one_key_given_twice_at_once_is_refused_once() -> None:
    root = User.objects.create_superuser("root")

    made = at_once(*[lambda: actions.make_person(root, "Пётр", "a-key-of-ten")] * 2)

    assert sorted(type(it).__name__ for it in made) == ["User", "ValidationError"]
    assert User.objects.filter(name="Пётр").count() == 1
