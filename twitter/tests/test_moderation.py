"""What was hidden, deleted or left behind is nowhere any more."""

from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, SettingsWrapper

from realtime.endpoints.websocket import EventConsumer
from twitter.actions import (
    delete_tweet,
    edit_tweet,
    follow,
    hide_tweet,
    leave,
    like,
    post_tweet,
    purge,
    repost,
    restore_tweet,
    unlike,
    upload_media,
)
from twitter.models import Like, Media, Notification, Tweet, User
from twitter.tests.factories import make_person, picture


@pytest.fixture
def quiet(sockets: Any) -> Any:
    """Nothing leaves for a broker."""
    return sockets


def age(settings: Any, *tweets: Any) -> None:
    """Let tweets have been hidden too long ago to be restored."""
    hidden_at = timezone.now() - timedelta(days=settings.TWEETS_KEPT_DAYS + 1)
    Tweet.objects.filter(pk__in=[tweet.pk for tweet in tweets]).update(hidden_at=hidden_at)


# --- purged tweets -------------------------------------------------------------------------------


def test_replies_of_a_purged_tweet_remain_replies(
    ann: Any, bob: Any, settings: SettingsWrapper, quiet: Any
) -> None:
    root = post_tweet(ann, "Секрет @bob #тайна", [upload_media(ann, picture())])
    reply = post_tweet(bob, "Ответ", reply_to=root)
    like(bob, root)
    repost(bob, root)
    delete_tweet(ann, root)
    age(settings, root)

    assert purge() == 1

    reply.refresh_from_db()
    root.refresh_from_db()
    assert (reply.reply_to, reply.thread) == (root, root)
    assert list(Tweet.objects.feed()) == []
    assert list(Tweet.objects.thread(reply)) == [reply]
    assert (root.text, root.hidden_at is None) == ("", False)
    assert not Media.objects.exists()
    assert not Like.objects.exists()
    assert not Notification.objects.filter(tweet=root).exists()
    assert not root.reposts.exists()
    assert purge() == 0


def test_what_remains_of_a_purged_tweet_goes_with_its_last_reply(
    ann: Any, bob: Any, settings: SettingsWrapper, quiet: Any
) -> None:
    root = post_tweet(ann, "раз")
    reply = post_tweet(bob, "два", reply_to=root)
    nested = post_tweet(ann, "три", reply_to=reply)
    for tweet in (root, reply, nested):
        delete_tweet(tweet.author, tweet)
    age(settings, root, reply, nested)

    counts = [purge() for _ in range(4)]

    assert counts[-1] == 0
    assert not Tweet.objects.exists()


def test_a_purged_tweet_cannot_be_restored(
    ann: Any, bob: Any, moderator: Any, settings: SettingsWrapper, quiet: Any
) -> None:
    root = post_tweet(ann, "раз")
    post_tweet(bob, "два", reply_to=root)
    delete_tweet(ann, root)
    age(settings, root)
    purge()

    with pytest.raises(ValidationError, match="permanently deleted"):
        restore_tweet(moderator, root)


# --- history -------------------------------------------------------------------------------------


async def hear(since: Any = "") -> Any:
    """Join the feed as a page does that reconnects; return the events received and the offset."""
    client = WebsocketCommunicator(EventConsumer.as_asgi(), "/ws")
    client.scope["user"] = None
    await client.connect()
    join = {"room": "tweets", "since": since}
    await client.send_json_to({"eventName": "system.join", "payload": join})
    received = []
    while (frame := await client.receive_json_from(3))["eventName"] != "system.joined":
        received.append((frame["eventName"], frame["payload"]["id"]))
    await client.disconnect()
    return received, frame["payload"]["offset"]


@pytest.mark.django_db(transaction=True)
async def test_a_hidden_tweet_is_not_replayed_from_history(
    broker: Any, settings: SettingsWrapper
) -> None:
    settings.DEBUG = True
    ann, root = await database_sync_to_async(make_two)()
    _, start = await hear()
    post = database_sync_to_async(post_tweet)
    hidden, visible = await post(ann, "Секрет"), await post(ann, "Обычное")
    await database_sync_to_async(edit_tweet)(ann, hidden, "Всё ещё секрет")
    await database_sync_to_async(hide_tweet)(root, hidden, "Не для всех")

    received, _ = await hear(start)

    assert received == [("tweet.posted", visible.pk), ("tweet.deleted", hidden.pk)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keeps_tweets", [True, False])
async def test_hidden_tweets_of_who_left_are_not_replayed(
    broker: Any, settings: SettingsWrapper, keeps_tweets: bool
) -> None:
    settings.DEBUG = True
    ann, root = await database_sync_to_async(make_two)()
    _, start = await hear()
    tweet = await database_sync_to_async(post_tweet)(ann, "Прощайте")
    await database_sync_to_async(leave)(root, ann, keeps_tweets=keeps_tweets)

    received, _ = await hear(start)

    assert received == [("tweet.posted", tweet.pk)] * keeps_tweets + [("person.left", ann.pk)]


def make_two() -> Any:
    return make_person("ann", "Анна"), User.objects.create_superuser("root")


# --- notifications -------------------------------------------------------------------------------


def test_the_badge_does_not_count_what_was_deleted(
    client: Any, ann: Any, bob: Any, quiet: Any
) -> None:
    client.force_login(bob)
    tweet = post_tweet(ann, "Привет, @bob")
    assert 'id="unread">1<' in client.get("/").content.decode()

    delete_tweet(ann, tweet)

    assert 'id="unread" hidden>0<' in client.get("/").content.decode()


def withdraw_by_deletion(ann: Any, bob: Any) -> None:
    delete_tweet(ann, post_tweet(ann, "Привет, @bob"))


def withdraw_by_edit(ann: Any, bob: Any) -> None:
    edit_tweet(ann, post_tweet(ann, "Привет, @bob"), "Привет")


def withdraw_by_unlike(ann: Any, bob: Any) -> None:
    tweet = post_tweet(bob, "раз")
    like(ann, tweet)
    unlike(ann, tweet)


@pytest.mark.parametrize("withdraw", [withdraw_by_deletion, withdraw_by_edit, withdraw_by_unlike])
def test_open_pages_hear_that_a_notification_was_withdrawn(
    withdraw: Any,
    ann: Any,
    bob: Any,
    quiet: Any,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    follow(make_person("eve"), bob)

    with django_capture_on_commit_callbacks(execute=True):
        withdraw(ann, bob)

    assert ("notifications.changed", {"unread": 1}) in quiet.received
    assert Notification.objects.of(bob).count() == 1


def test_a_restored_tweet_is_counted_by_the_badge_again(
    ann: Any,
    bob: Any,
    moderator: Any,
    quiet: Any,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    tweet = post_tweet(ann, "Привет, @bob")
    delete_tweet(ann, tweet)

    with django_capture_on_commit_callbacks(execute=True):
        restore_tweet(moderator, tweet)

    assert quiet.received[-1] == ("notifications.changed", {"unread": 1})


def test_a_mention_removed_by_an_edit_is_no_longer_notified(ann: Any, bob: Any, quiet: Any) -> None:
    eve = make_person("eve")
    tweet = post_tweet(ann, "@bob и @eve")

    edit_tweet(ann, tweet, "только @eve")

    assert not Notification.objects.of(bob).exists()
    assert Notification.objects.of(eve).count() == 1


# --- people who left -----------------------------------------------------------------------------


@pytest.mark.parametrize("keeps_tweets", [True, False])
def test_open_pages_are_told_who_left(
    root: Any,
    ann: Any,
    bob: Any,
    quiet: Any,
    keeps_tweets: bool,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    post_tweet(ann, "Привет, @bob")

    with django_capture_on_commit_callbacks(execute=True):
        leave(root, ann, keeps_tweets=keeps_tweets)

    event = {"id": ann.pk, "tweets": "kept" if keeps_tweets else "hidden"}
    assert ("person.left", event) in quiet.received
    assert (("notifications.changed", {"unread": 0}) in quiet.received) == (not keeps_tweets)


@pytest.mark.parametrize("page", ["", "/followers", "/following"])
@pytest.mark.parametrize("keeps_tweets", [True, False])
def test_the_pages_of_who_left_say_so(
    client: Any, root: Any, ann: Any, bob: Any, quiet: Any, keeps_tweets: bool, page: str
) -> None:
    post_tweet(ann, "Прощайте")
    leave(root, ann, keeps_tweets=keeps_tweets)
    client.force_login(bob)

    answer = client.get(f"/people/ann{page}")

    shown = answer.content.decode()
    assert answer.status_code == 200
    assert 'action="/people/ann/follow"' not in shown
    if not page:
        assert "This user has left." in shown
        assert ("Прощайте" in shown) == keeps_tweets


def test_who_left_cannot_be_followed(
    client: Any, root: Any, ann: Any, bob: Any, quiet: Any
) -> None:
    leave(root, ann, keeps_tweets=True)
    client.force_login(bob)

    assert client.post("/people/ann/follow").status_code == 404


def test_a_picture_of_who_left_is_hidden_with_the_tweet(root: Any, ann: Any, quiet: Any) -> None:
    media = upload_media(ann, picture())
    post_tweet(ann, "Кот", [media])

    leave(root, ann, keeps_tweets=False)

    assert Client().get(media.url).status_code == 404
