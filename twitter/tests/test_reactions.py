"""Likes, reposts and bookmarks."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from twitter.actions import (
    bookmark,
    delete_tweet,
    follow,
    like,
    post_tweet,
    repost,
    unbookmark,
    undo_repost,
    unlike,
)
from twitter.models import Tweet
from twitter.tests.factories import notifications_of


@pytest.fixture(autouse=True)
def quiet(sockets: Any) -> None:
    """Nothing here leaves for a broker."""


# --- likes ---------------------------------------------------------------------------------------


def test_liking_twice_is_liking_once(
    ann: Any,
    bob: Any,
    sockets: Any,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    tweet = post_tweet(ann, "раз")

    with django_capture_on_commit_callbacks(execute=True):
        like(bob, tweet)
        like(bob, tweet)

    tweet.refresh_from_db()
    assert (tweet.likes_count, tweet.likes.count()) == (1, 1)
    assert notifications_of(ann) == [("like", "bob")]
    assert [room for room, _ in sockets.frames] == [f"person.{ann.pk}", "tweets"]
    assert sockets.received[1] == (
        "tweet.liked",
        {
            "id": tweet.pk,
            "likes_count": 1,
            "reposts_count": 0,
            "person": {"id": bob.pk, "name": "Борис Кузнецов", "username": "bob"},
        },
    )


def test_unliking_takes_back_the_count_and_the_notification(ann: Any, bob: Any) -> None:
    tweet = post_tweet(ann, "раз")
    like(bob, tweet)

    unlike(bob, tweet)
    unlike(bob, tweet)

    tweet.refresh_from_db()
    assert tweet.likes_count == 0
    assert notifications_of(ann) == []


def test_nobody_is_told_of_what_they_did_themselves(ann: Any) -> None:
    like(ann, post_tweet(ann, "раз @ann"))

    assert notifications_of(ann) == []


def test_liked_tweets_are_popular(ann: Any, bob: Any) -> None:
    liked, other = post_tweet(ann, "раз"), post_tweet(ann, "два")

    like(bob, liked)

    assert list(Tweet.objects.popular()) == [liked, other]


def test_an_old_tweet_is_not_popular_for_ever(ann: Any, bob: Any) -> None:
    old, new = post_tweet(ann, "раз"), post_tweet(ann, "два")
    Tweet.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=7))

    like(bob, old)

    assert list(Tweet.objects.popular()) == [new, old]


# --- reposts and bookmarks -----------------------------------------------------------------------


def test_a_repost_reaches_the_followers_once(ann: Any, bob: Any, moderator: Any) -> None:
    tweet = post_tweet(ann, "раз")
    follow(moderator, bob)

    passed_on = repost(bob, tweet)
    assert repost(bob, passed_on) == passed_on

    tweet.refresh_from_db()
    assert tweet.reposts_count == 1
    assert list(Tweet.objects.following(moderator)) == [passed_on]
    assert list(Tweet.objects.feed()) == [tweet]
    assert notifications_of(ann) == [("repost", "bob")]


def test_reactions_to_a_repost_are_of_the_original(ann: Any, bob: Any) -> None:
    tweet = post_tweet(ann, "раз")
    passed_on = repost(bob, tweet)

    like(ann, passed_on)
    bookmark(ann, passed_on)

    seen: Any = Tweet.objects.by(bob).with_viewer(ann).values().get()
    assert (seen["is_liked"], seen["is_bookmarked"], seen["is_reposted"]) == (True, True, False)
    assert Tweet.objects.get(pk=tweet.pk).likes_count == 1


@pytest.mark.parametrize("undo", [undo_repost, delete_tweet])
def test_a_repost_can_be_undone_and_done_again(ann: Any, bob: Any, undo: Any) -> None:
    tweet = post_tweet(ann, "раз")
    passed_on = repost(bob, tweet)

    undo(bob, passed_on)

    tweet.refresh_from_db()
    assert tweet.reposts_count == 0
    assert list(Tweet.objects.by(bob)) == []
    assert repost(bob, tweet).pk != passed_on.pk


def test_a_deleted_tweet_is_not_passed_on_any_more(ann: Any, bob: Any) -> None:
    tweet = post_tweet(ann, "раз")
    repost(bob, tweet)

    delete_tweet(ann, tweet)

    assert list(Tweet.objects.by(bob)) == []


def test_bookmarks_are_a_persons_own_the_latest_first(ann: Any, bob: Any) -> None:
    first, second = post_tweet(bob, "раз"), post_tweet(bob, "два")
    for tweet in (second, first, first):
        bookmark(ann, tweet)

    assert list(Tweet.objects.bookmarked_by(ann)) == [first, second]
    assert list(Tweet.objects.bookmarked_by(bob)) == []
    unbookmark(ann, first)
    assert list(Tweet.objects.bookmarked_by(ann)) == [second]
