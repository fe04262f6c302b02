from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Count, F
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from twitter import actions
from twitter.demo.bulk import create_bulk_data
from twitter.demo.seed import PEOPLE, TWEETS, seed
from twitter.models import ApiKey, Hashtag, Like, Media, Notification, Tweet, User

Kind = Notification.Kind


@pytest.fixture(autouse=True)
def quiet(sockets: Any) -> None:
    """Nothing here leaves for a broker."""


def test_the_demo_is_seeded_once(db: Any, settings: SettingsWrapper) -> None:
    settings.DEBUG = True

    seed("a-password")
    first = list(User.objects.order_by("pk").values_list("pk", "username")), Tweet.objects.count()
    seed("another-password")

    assert first == (
        list(User.objects.order_by("pk").values_list("pk", "username")),
        Tweet.objects.count(),
    )
    assert User.objects.count() == len(PEOPLE)
    assert ApiKey.objects.find_owner("test") == User.objects.get(username="test")
    assert User.objects.get(username="admin").check_password("another-password")


def test_the_demo_has_something_of_everything_and_nobody_read_it_yet(db: Any) -> None:
    seed("a-password")
    admin = User.objects.get(username="admin")

    assert [tag.name for tag in Hashtag.objects.trends()[:2]] == ["релиз", "кофе"]
    assert set(admin.notifications.unread().values_list("kind", flat=True)) == {
        Kind.MENTION,
        Kind.REPLY,
        Kind.LIKE,
        Kind.FOLLOW,
    }
    assert all(media.alt and media.thumbnail for media in Media.objects.all())
    assert Media.objects.count() == 2
    assert Tweet.objects.following(admin)


def test_what_the_demo_says_happened_when_it_says(db: Any) -> None:
    seed("a-password")
    posted = list(Tweet.objects.feed())

    hours = [round((timezone.now() - tweet.created_at).total_seconds() / 3600) for tweet in posted]
    assert hours == sorted(hours) == [said.hours_ago for said in reversed(TWEETS)]
    assert Tweet.objects.popular()[0].created_at > timezone.now() - timedelta(days=2)
    for tweet in posted:
        assert tweet.likes_count == tweet.likes.count()
        assert tweet.replies_count == tweet.replies.count()


def test_only_the_administrator_can_sign_in(db: Any) -> None:
    seed("a-password")

    assert [person.username for person in User.objects.all() if person.has_usable_password()] == [
        "admin"
    ]


def test_a_crowd_is_as_large_as_asked_and_its_counts_are_right(db: Any) -> None:
    progress_calls: list[tuple[int, int]] = []
    create_bulk_data(30, lambda *progress: progress_calls.append(progress))
    counted = Tweet.objects.annotate(likes_there=Count("likes"))

    assert progress_calls == [(30, 30)]
    assert counted.filter(likes_count=F("likes_there")).count() == 30
    assert Like.objects.exists()


def test_a_crowd_is_found_by_its_words(db: Any) -> None:
    create_bulk_data(30, lambda *progress: None)
    tweet = Tweet.objects.feed()[7]

    assert tweet in Tweet.objects.search(tweet.text)


def test_tweets_can_be_added_to_a_crowd(db: Any, ann: Any) -> None:
    create_bulk_data(30, lambda *progress: None)
    actions.like(ann, actions.post_tweet(ann, "новый"))
    create_bulk_data(10, lambda *progress: None)

    assert Tweet.objects.count() == 41
