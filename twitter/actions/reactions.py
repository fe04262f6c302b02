"""Likes, reposts and bookmarks. Given a repost, each action applies to the original tweet."""

from django.db import transaction

from realtime.actions import publish
from twitter.actions.notifications import Kind, notify, withdraw_notification
from twitter.actions.rooms import TWEETS_ROOM
from twitter.models import Bookmark, Like, Tweet, User
from twitter.permissions import require_author
from twitter.serialization import serialize_person
from twitter.signals import tweet_liked, tweet_reposted, tweet_unliked, tweet_unreposted


@transaction.atomic
def like(person: User, tweet: Tweet) -> None:
    """Like a tweet and notify its author. Raises Tweet.DoesNotExist if it is hidden."""
    tweet = _lock_original(tweet)
    _, is_new = Like.objects.get_or_create(tweet=tweet, person=person)
    if is_new:
        tweet.count(likes_count=1)
        notify(tweet.author, Kind.LIKE, person, tweet)
        tweet_liked.send(sender=Tweet, tweet=tweet, person=person)
        _publish("tweet.liked", tweet, person)


@transaction.atomic
def unlike(person: User, tweet: Tweet) -> None:
    """Remove a like and withdraw the notification. Raises Tweet.DoesNotExist if it is hidden."""
    tweet = _lock_original(tweet)
    was_liked, _ = Like.objects.filter(tweet=tweet, person=person).delete()
    if was_liked:
        tweet.count(likes_count=-1)
        withdraw_notification(tweet.author, Kind.LIKE, person, tweet)
        tweet_unliked.send(sender=Tweet, tweet=tweet, person=person)
        _publish("tweet.unliked", tweet, person)


@transaction.atomic
def repost(person: User, tweet: Tweet) -> Tweet:
    """Repost a tweet and notify its author; return the repost, a tweet with an empty text.

    Raises Tweet.DoesNotExist if the original is hidden, PermissionDenied for a reader.
    """
    require_author(person)
    tweet = _lock_original(tweet)
    passed_on, is_new = Tweet.objects.get_or_create(
        author=person, repost_of=tweet, hidden_at=None, defaults={"text": ""}
    )
    if is_new:
        tweet.count(reposts_count=1)
        notify(tweet.author, Kind.REPOST, person, tweet)
        tweet_reposted.send(sender=Tweet, tweet=tweet, person=person)
        _publish("tweet.reposted", tweet, person)
    return passed_on


@transaction.atomic
def undo_repost(person: User, tweet: Tweet) -> None:
    """Remove a repost and withdraw the notification. Raises Tweet.DoesNotExist if it is hidden."""
    tweet = _lock_original(tweet)
    was_passed_on, _ = tweet.reposts.filter(author=person, hidden_at=None).delete()
    if was_passed_on:
        tweet.count(reposts_count=-1)
        withdraw_notification(tweet.author, Kind.REPOST, person, tweet)
        tweet_unreposted.send(sender=Tweet, tweet=tweet, person=person)
        _publish("tweet.unreposted", tweet, person)


@transaction.atomic
def bookmark(person: User, tweet: Tweet) -> None:
    """Bookmark a tweet. Bookmarks are private: no event is published.

    Raises Tweet.DoesNotExist if the tweet is hidden.
    """
    Bookmark.objects.get_or_create(person=person, tweet=_lock_original(tweet))


def unbookmark(person: User, tweet: Tweet) -> None:
    """Remove a bookmark."""
    Bookmark.objects.filter(person=person, tweet=tweet.original).delete()


def _lock_original(tweet: Tweet) -> Tweet:
    return Tweet.objects.lock(tweet.repost_of_id or tweet.pk)


def _publish(event: str, tweet: Tweet, person: User) -> None:
    counts = {"likes_count": tweet.likes_count, "reposts_count": tweet.reposts_count}
    publish(event, {"id": tweet.pk, **counts, "person": serialize_person(person)}, TWEETS_ROOM)
