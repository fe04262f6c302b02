"""People and tweets as JSON, for the REST API and for real-time events."""

from collections.abc import Iterable
from typing import Any

from twitter.models import Media, Notification, Tweet, User
from twitter.models.addresses import media_url

Json = dict[str, Any]

MAX_LISTED_PEOPLE = 1000
"""Maximum length of `followers` and `following`, which are not paginated."""


def serialize_person(person: User) -> Json:
    return {"id": person.pk, "name": person.name, "username": person.username}


def serialize_author(person: User) -> Json:
    return serialize_author_values(
        person.pk, person.name, person.username, person.avatar.name or ""
    )


def serialize_author_values(pk: int, name: str, username: str, avatar: str) -> Json:
    return {"id": pk, "name": name, "username": username, "avatar": media_url(avatar)}


def serialize_profile(person: User) -> Json:
    """Return a person with followers and followed people.

    The lists have at most 1,000 entries each; the counts are always complete.
    """
    around = {
        "followers": User.objects.followers_of(person),
        "following": User.objects.followed_by(person),
    }
    lists = {
        name: list(people.values("id", "name", "username")[:MAX_LISTED_PEOPLE])
        for name, people in around.items()
    }
    return {
        **serialize_author(person),
        **lists,
        "about": person.about,
        "followers_count": person.followers_count,
        "following_count": person.following_count,
    }


def serialize_media(media: Media) -> Json:
    return serialize_media_values(
        media.pk,
        media.file.name or "",
        media.thumbnail.name or "",
        media.kind,
        media.width,
        media.height,
        media.alt,
    )


def serialize_media_values(
    pk: int, file: str, thumbnail: str, kind: str, width: int, height: int, alt: str
) -> Json:
    return {
        "id": pk,
        "url": media_url(file),
        "thumbnail": media_url(thumbnail or file),
        "kind": kind,
        "width": width,
        "height": height,
        "alt": alt,
    }


TWEET_FIELDS = (
    "id", "text", "created_at", "edited_at", "reply_to", "thread", "repost_of",
    "likes_count", "replies_count", "reposts_count",
    "author", "author__name", "author__username", "author__avatar",
)  # fmt: skip
"""The fields that `serialize_tweet_row` needs: `tweets.values(*TWEET_FIELDS)`."""

ATTRIBUTES = {field.name: field.attname for field in Tweet._meta.concrete_fields}


def serialize_tweet_row(row: Json, media: list[Json], likes: list[Json]) -> Json:
    """Return a tweet without the parts that depend on the viewer."""
    return {
        "id": row["id"],
        "content": row["text"],
        "attachments": [picture["url"] for picture in media],
        "author": serialize_author_values(
            row["author"], row["author__name"], row["author__username"], row["author__avatar"]
        ),
        "likes": likes,
        "created_at": row["created_at"].isoformat(),
        "edited_at": row["edited_at"] and row["edited_at"].isoformat(),
        "reply_to": row["reply_to"],
        "thread": row["thread"],
        "repost_of": row["repost_of"],
        "media": media,
        "likes_count": row["likes_count"],
        "replies_count": row["replies_count"],
        "reposts_count": row["reposts_count"],
    }


def serialize_tweet(tweet: Tweet, media: Iterable[Media] | None = None) -> Json:
    """Return a tweet for real-time events; `likes` is empty there.

    Pass `media` if the pictures are loaded already, to save a query.
    """
    row = {name: _value(tweet, name) for name in TWEET_FIELDS}
    pictures = tweet.media.all() if media is None else media
    return serialize_tweet_row(row, [serialize_media(each) for each in pictures], [])


def _value(tweet: Tweet, field: str) -> Any:
    """Return what `.values()` returns for a field: the key of a related row."""
    if field.startswith("author__"):
        return str(getattr(tweet.author, field.removeprefix("author__")))
    return getattr(tweet, ATTRIBUTES[field])


def serialize_trend(tag: Any) -> Json:
    """Return a row of `Hashtag.objects.trends()`."""
    return {"name": tag.name, "people": tag.people, "uses": tag.uses}


def serialize_notification(notification: Notification) -> Json:
    return {
        "id": notification.pk,
        "kind": notification.kind,
        "actor": serialize_person(notification.actor),
        "tweet_id": notification.tweet_id,
        "created_at": notification.created_at.isoformat(),
        "is_read": notification.read_at is not None,
    }
