"""People and tweets as JSON: the shapes of the contract, over HTTP and on the live line."""

from collections.abc import Iterable
from typing import Any

from twitter.models import Media, Notification, Tweet, User
from twitter.models.media import media_url

Shape = dict[str, Any]

LONGEST_LIST = 1000
"""People in a list that the contract does not part into pages."""


def person_shape(person: User) -> Shape:
    return {"id": person.pk, "name": person.name}


def author_shape(person: User) -> Shape:
    return {
        **person_shape(person),
        "username": person.username,
        "avatar": media_url(person.avatar.name),
    }


def profile_shape(person: User) -> Shape:
    """Return a person with those around them; the counts are right where a list is cut."""
    around = {
        "followers": User.objects.followers_of(person),
        "following": User.objects.followed_by(person),
    }
    lists = {
        name: [{"id": pk, "name": of} for pk, of in people.values_list("id", "name")[:LONGEST_LIST]]
        for name, people in around.items()
    }
    return {
        **author_shape(person),
        **lists,
        "about": person.about,
        "followers_count": person.followers_count,
        "following_count": person.following_count,
    }


def media_shape(media: Media) -> Shape:
    return {
        "id": media.pk,
        "url": media.url,
        "thumbnail": media.thumbnail_url,
        "kind": media.kind,
        "width": media.width,
        "height": media.height,
        "alt": media.alt,
    }


def tweet_shape(
    tweet: Tweet, media: Iterable[Media] | None = None, likes: Iterable[Shape] = ()
) -> Shape:
    """Return a tweet for everybody: nothing in it depends on who looks.

    `media` saves a query to who has them; `likes` are who likes it, as the contract wants them.
    """
    pictures = [media_shape(each) for each in (tweet.media.all() if media is None else media)]
    return {
        "id": tweet.pk,
        "content": tweet.text,
        "attachments": [picture["url"] for picture in pictures],
        "author": author_shape(tweet.author),
        "likes": list(likes),
        "created_at": tweet.created_at.isoformat(),
        "edited_at": tweet.edited_at and tweet.edited_at.isoformat(),
        "reply_to": tweet.reply_to_id,
        "thread": tweet.thread_id,
        "repost_of": tweet.repost_of_id,
        "media": pictures,
        "likes_count": tweet.likes_count,
        "replies_count": tweet.replies_count,
        "reposts_count": tweet.reposts_count,
    }


def notification_shape(notification: Notification) -> Shape:
    return {
        "id": notification.pk,
        "kind": notification.kind,
        "actor": person_shape(notification.actor),
        "tweet_id": notification.tweet_id,
        "created_at": notification.created_at.isoformat(),
        "is_read": notification.read_at is not None,
    }
