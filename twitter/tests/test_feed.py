"""The feed of those whom one follows, which is put together of the latest of each of them."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from twitter import actions
from twitter.api.pages import serialize_page
from twitter.feed import Cursor, page_after, rest_after
from twitter.models import Tweet, User
from twitter.tests.factories import make_person, make_tweets


@pytest.fixture(autouse=True)
def quiet(sockets: Any) -> None:
    """Nothing here leaves for a broker."""


@pytest.fixture
def reader(ann: User, bob: User) -> User:
    """Follows three of four people who wrote by turns, replied, passed on and hid."""
    reader = make_person("reader")
    people = [ann, bob, make_person("gleb"), make_person("stranger")]
    for turn in range(4):
        for person in (*people, reader):
            actions.post_tweet(person, f"#обед {turn}" if turn % 2 else str(turn))
    of_ann, of_bob, of_gleb, of_stranger, mine = Tweet.objects.order_by("id")[:5]
    actions.post_tweet(ann, "ответ", reply_to=of_bob)
    actions.repost(bob, of_stranger)
    actions.repost(people[2], of_gleb)
    actions.repost(ann, mine)
    actions.delete_tweet(ann, of_ann)
    actions.delete_tweet(reader, mine)
    for person in people[:3]:
        actions.follow(reader, person)
    return reader


@pytest.mark.parametrize(("start", "stop"), [(0, 3), (2, 9), (0, 100), (100, 103)])
@pytest.mark.parametrize("tag", [None, "обед"])
def test_a_part_is_the_slice_of_the_whole(reader: Any, start: int, stop: int, tag: Any) -> None:
    feed = Tweet.objects.following(reader).with_viewer(reader)
    feed = feed.tagged(tag) if tag else feed

    assert list(feed.page_slice(start, stop)) == list(feed)[start:stop]


def test_a_part_after_a_cursor_is_the_slice_of_what_follows(reader: Any) -> None:
    feed = Tweet.objects.following(reader)
    whole = list(feed)

    for n, tweet in enumerate(whole, 1):
        rest = rest_after(feed, Cursor.after(tweet))
        assert list(rest.page_slice(0, 3)) == whole[n : n + 3]


def test_tweets_of_one_moment_are_all_in_the_pages_once(reader: Any) -> None:
    Tweet.objects.update(created_at=Tweet.objects.order_by("-pk")[0].created_at)
    feed = Tweet.objects.following(reader)
    page = page_after(feed, None, 2)
    seen = [*page.tweets]
    while page.next:
        page = page_after(feed, page.next, 2)
        seen += page.tweets

    assert seen == list(feed)


def test_one_silent_for_long_and_one_who_writes_all_day(reader: Any, ann: Any) -> None:
    Tweet.objects.filter(author=ann).update(
        created_at=Tweet.objects.order_by("pk")[0].created_at - timedelta(days=9)
    )
    make_tweets(User.objects.get(username="bob"), 7)
    feed = Tweet.objects.following(reader)

    assert [list(feed.page_slice(n, n + 4)) for n in (0, 4, 8)] == [
        list(feed)[n : n + 4] for n in (0, 4, 8)
    ]


def test_nobody_is_followed(bob: Any) -> None:
    (mine,) = make_tweets(bob, 1)

    assert list(Tweet.objects.following(bob).page_slice(0, 5)) == [mine]


def test_the_feed_of_those_whom_one_follows_costs_what_any_feed_does(
    reader: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    actions.like(reader, Tweet.objects.following(reader)[0].original)

    with django_assert_num_queries(5):  # the rows, their originals, pictures, likes, one's own
        serialize_page(Tweet.objects.following(reader), {"limit": 20, "offset": 1}, reader)
