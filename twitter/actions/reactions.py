"""What people do with the tweets of others. Each works on the tweet that a repost passes on."""

from django.db import transaction

from realtime.actions import publish
from twitter.actions.notifying import Kind, notify, unnotify
from twitter.actions.rooms import EVERYBODY
from twitter.models import Bookmark, Like, Tweet, User
from twitter.shapes import person_shape
from twitter.signals import tweet_liked, tweet_reposted, tweet_unliked, tweet_unreposted


@transaction.atomic
def like(person: User, tweet: Tweet) -> None:
    tweet = _held_original(tweet)
    _, is_new = Like.objects.get_or_create(tweet=tweet, person=person)
    if is_new:
        tweet.count(likes_count=1)
        notify(tweet.author, Kind.LIKE, person, tweet)
        tweet_liked.send(sender=Tweet, tweet=tweet, person=person)
        _tell("tweet.liked", tweet, person)


@transaction.atomic
def unlike(person: User, tweet: Tweet) -> None:
    tweet = _held_original(tweet)
    was_liked, _ = Like.objects.filter(tweet=tweet, person=person).delete()
    if was_liked:
        tweet.count(likes_count=-1)
        unnotify(tweet.author, Kind.LIKE, person, tweet)
        tweet_unliked.send(sender=Tweet, tweet=tweet, person=person)
        _tell("tweet.unliked", tweet, person)


@transaction.atomic
def repost(person: User, tweet: Tweet) -> Tweet:
    """Pass a tweet on to one's followers; return the repost, which is a tweet without words."""
    tweet = _held_original(tweet)
    passed_on, is_new = Tweet.objects.get_or_create(
        author=person, repost_of=tweet, hidden_at=None, defaults={"text": ""}
    )
    if is_new:
        tweet.count(reposts_count=1)
        notify(tweet.author, Kind.REPOST, person, tweet)
        tweet_reposted.send(sender=Tweet, tweet=tweet, person=person)
        _tell("tweet.reposted", tweet, person)
    return passed_on


@transaction.atomic
def undo_repost(person: User, tweet: Tweet) -> None:
    tweet = _held_original(tweet)
    was_passed_on, _ = tweet.reposts.filter(author=person, hidden_at=None).delete()
    if was_passed_on:
        tweet.count(reposts_count=-1)
        unnotify(tweet.author, Kind.REPOST, person, tweet)
        tweet_unreposted.send(sender=Tweet, tweet=tweet, person=person)
        _tell("tweet.unreposted", tweet, person)


@transaction.atomic
def bookmark(person: User, tweet: Tweet) -> None:
    """Keep a tweet for oneself; nobody is told."""
    Bookmark.objects.get_or_create(person=person, tweet=_held_original(tweet))


def unbookmark(person: User, tweet: Tweet) -> None:
    Bookmark.objects.filter(person=person, tweet=tweet.original).delete()


def _held_original(tweet: Tweet) -> Tweet:
    return Tweet.objects.held(tweet.repost_of_id or tweet.pk)


def _tell(event: str, tweet: Tweet, person: User) -> None:
    counts = {"likes_count": tweet.likes_count, "reposts_count": tweet.reposts_count}
    publish(event, {"id": tweet.pk, **counts, "person": person_shape(person)}, EVERYBODY)
