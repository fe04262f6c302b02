"""Tweets are liked, passed on and kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

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
from twitter.models import Notification, Tweet


@pytest.fixture(autouse=True)
def quiet(sockets):
    """Nothing here leaves for a broker."""


def notified(person):
    return [(each.kind, each.actor.username) for each in Notification.objects.of(person)]


# --- likes ---------------------------------------------------------------------------------------


def test_liking_twice_is_liking_once(ann, bob, sockets, django_capture_on_commit_callbacks):
    tweet = post_tweet(ann, "раз")

    with django_capture_on_commit_callbacks(execute=True):
        like(bob, tweet)
        like(bob, tweet)

    tweet.refresh_from_db()
    assert (tweet.likes_count, tweet.likes.count()) == (1, 1)
    assert notified(ann) == [("like", "bob")]
    assert [room for room, _ in sockets.frames] == [f"person.{ann.pk}", "tweets"]
    assert sockets.heard[1] == (
        "tweet.liked",
        {
            "id": tweet.pk,
            "likes_count": 1,
            "reposts_count": 0,
            "person": {"id": bob.pk, "name": "Борис Кузнецов"},
        },
    )


def test_unliking_takes_back_the_count_and_the_notification(ann, bob):
    tweet = post_tweet(ann, "раз")
    like(bob, tweet)

    unlike(bob, tweet)
    unlike(bob, tweet)

    tweet.refresh_from_db()
    assert tweet.likes_count == 0
    assert notified(ann) == []


def test_nobody_is_told_of_what_they_did_themselves(ann):
    like(ann, post_tweet(ann, "раз @ann"))

    assert notified(ann) == []


def test_liked_tweets_are_popular(ann, bob):
    liked, other = post_tweet(ann, "раз"), post_tweet(ann, "два")

    like(bob, liked)

    assert list(Tweet.objects.popular()) == [liked, other]


def test_an_old_tweet_is_not_popular_for_ever(ann, bob):
    old, new = post_tweet(ann, "раз"), post_tweet(ann, "два")
    Tweet.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=7))

    like(bob, old)

    assert list(Tweet.objects.popular()) == [new, old]


# --- reposts and bookmarks -----------------------------------------------------------------------


def test_a_repost_reaches_the_followers_once(ann, bob, moderator):
    tweet = post_tweet(ann, "раз")
    follow(moderator, bob)

    passed_on = repost(bob, tweet)
    assert repost(bob, passed_on) == passed_on

    tweet.refresh_from_db()
    assert tweet.reposts_count == 1
    assert list(Tweet.objects.following(moderator)) == [passed_on]
    assert list(Tweet.objects.feed()) == [tweet]
    assert notified(ann) == [("repost", "bob")]


def test_reactions_to_a_repost_are_of_the_original(ann, bob):
    tweet = post_tweet(ann, "раз")
    passed_on = repost(bob, tweet)

    like(ann, passed_on)
    bookmark(ann, passed_on)

    seen: Any = Tweet.objects.by(bob).seen_by(ann).values().get()
    assert (seen["is_liked"], seen["is_bookmarked"], seen["is_reposted"]) == (True, True, False)
    assert Tweet.objects.get(pk=tweet.pk).likes_count == 1


@pytest.mark.parametrize("undo", [undo_repost, delete_tweet])
def test_a_repost_can_be_undone_and_done_again(ann, bob, undo):
    tweet = post_tweet(ann, "раз")
    passed_on = repost(bob, tweet)

    undo(bob, passed_on)

    tweet.refresh_from_db()
    assert tweet.reposts_count == 0
    assert list(Tweet.objects.by(bob)) == []
    assert repost(bob, tweet).pk != passed_on.pk


def test_a_deleted_tweet_is_not_passed_on_any_more(ann, bob):
    tweet = post_tweet(ann, "раз")
    repost(bob, tweet)

    delete_tweet(ann, tweet)

    assert list(Tweet.objects.by(bob)) == []


def test_bookmarks_are_a_persons_own_the_latest_first(ann, bob):
    first, second = post_tweet(bob, "раз"), post_tweet(bob, "два")
    for tweet in (second, first, first):
        bookmark(ann, tweet)

    assert list(Tweet.objects.bookmarked_by(ann)) == [first, second]
    assert list(Tweet.objects.bookmarked_by(bob)) == []
    unbookmark(ann, first)
    assert list(Tweet.objects.bookmarked_by(ann)) == [second]
