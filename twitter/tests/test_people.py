"""Following, adding people, ending accounts, reading notifications."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from twitter.actions import (
    change_profile,
    follow,
    leave,
    like,
    make_person,
    post_tweet,
    read_notifications,
    unfollow,
)
from twitter.models import ApiKey, Tweet, User
from twitter.tests.factories import notifications_of


@pytest.fixture(autouse=True)
def quiet(sockets: Any) -> None:
    """Nothing here leaves for a broker."""


# --- people --------------------------------------------------------------------------------------


def test_following_twice_is_following_once(ann: Any, bob: Any) -> None:
    follow(ann, bob)
    follow(ann, bob)

    ann.refresh_from_db()
    bob.refresh_from_db()
    assert (ann.following_count, bob.followers_count) == (1, 1)
    assert list(User.objects.followers_of(bob)) == [ann]
    assert notifications_of(bob) == [("follow", "ann")]


def test_unfollowing_ends_it(ann: Any, bob: Any) -> None:
    follow(ann, bob)

    unfollow(ann, bob)
    unfollow(ann, bob)

    bob.refresh_from_db()
    assert bob.followers_count == 0
    assert notifications_of(bob) == []


def test_nobody_follows_themselves(ann: Any) -> None:
    with pytest.raises(ValidationError):
        follow(ann, ann)


def test_a_profile_is_changed_within_limits(ann: Any) -> None:
    change_profile(ann, name=" Анна ", about="Пишу код.")
    assert (ann.name, ann.about) == ("Анна", "Пишу код.")

    for wrong in ({"name": "A"}, {"name": "x" * 101}, {"about": "x" * 301}, {"about": "\0"}):
        with pytest.raises(ValidationError):
            change_profile(ann, **wrong)


def test_staff_make_people_with_a_key(root: Any) -> None:
    person = make_person(root, "Пётр Ильин", "a-key-of-ten")
    namesake = make_person(root, "Пётр Ильин", "another-key")

    assert ApiKey.objects.find_owner("a-key-of-ten") == person
    assert (person.username, namesake.username) == ("пётр-ильин", "пётр-ильин-2")


@pytest.mark.parametrize(
    ("name", "key"), [("A", "a-key-of-ten"), ("x" * 101, "a-key-of-ten"), ("Пётр", "short")]
)
def test_people_are_not_made_of_bad_input(root: Any, name: Any, key: str) -> None:
    with pytest.raises(ValidationError):
        make_person(root, name, key)

    assert User.objects.count() == 1


def test_a_key_that_somebody_has_is_refused(root: Any) -> None:
    make_person(root, "Пётр", "a-key-of-ten")

    with pytest.raises(ValidationError):
        make_person(root, "Павел", "a-key-of-ten")

    assert not User.objects.filter(name="Павел").exists()


@pytest.mark.parametrize("keeps_tweets", [True, False])
def test_who_leaves_keeps_or_loses_their_tweets(
    root: Any, ann: Any, bob: Any, keeps_tweets: bool
) -> None:
    tweet = post_tweet(bob, "Кто на обед?")
    post_tweet(ann, "Я", reply_to=tweet)
    follow(ann, bob)
    _, key = ApiKey.objects.make(ann, "laptop")

    leave(root, ann, keeps_tweets=keeps_tweets)

    tweet.refresh_from_db()
    bob.refresh_from_db()
    assert Tweet.objects.by(ann).exists() == keeps_tweets
    assert tweet.replies_count == keeps_tweets
    assert bob.followers_count == 0
    assert ApiKey.objects.find_owner(key) is None


def test_only_staff_remove_people_and_never_themselves(
    root: Any, ann: Any, bob: Any, moderator: Any
) -> None:
    for person, other in [(ann, bob), (moderator, bob), (root, root)]:
        with pytest.raises(PermissionDenied):
            leave(person, other, keeps_tweets=True)


# --- notifications -------------------------------------------------------------------------------


def test_notifications_are_read_at_once_and_nobody_elses(ann: Any, bob: Any) -> None:
    like(bob, post_tweet(ann, "раз"))
    follow(ann, bob)

    read_notifications(ann)

    assert not ann.notifications.unread()
    assert bob.notifications.unread().count() == 1
