"""People and tweets as JSON: the shapes of the contract, over HTTP and on the live line."""

from collections.abc import Iterable
from typing import Any

from twitter.models import Media, Notification, Tweet, User
from twitter.models.addresses import media_url

Shape = dict[str, Any]

LONGEST_LIST = 1000
"""People in a list that the contract does not part into pages."""


def person_shape(person: User) -> Shape:
    return {"id": person.pk, "name": person.name}


def author_shape(person: User) -> Shape:
    return author_shape_of(person.pk, person.name, person.username, person.avatar.name or "")


def author_shape_of(pk: int, name: str, username: str, avatar: str) -> Shape:
    return {"id": pk, "name": name, "username": username, "avatar": media_url(avatar)}


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
    return media_shape_of(
        media.pk,
        media.file.name or "",
        media.thumbnail.name or "",
        media.kind,
        media.width,
        media.height,
        media.alt,
    )


def media_shape_of(
    pk: int, file: str, thumbnail: str, kind: str, width: int, height: int, alt: str
) -> Shape:
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
"""What `tweet_shape_of` wants of a row: `.values(*TWEET_FIELDS)`."""

ATTRIBUTES = {field.name: field.attname for field in Tweet._meta.concrete_fields}


def tweet_shape_of(row: Shape, media: list[Shape], likes: list[Shape]) -> Shape:
    """Return a tweet for everybody: nothing in it depends on who looks."""
    return {
        "id": row["id"],
        "content": row["text"],
        "attachments": [picture["url"] for picture in media],
        "author": author_shape_of(
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


def tweet_shape(tweet: Tweet, media: Iterable[Media] | None = None) -> Shape:
    """Return a tweet as it is told on the live line, where nobody is told who likes it.

    `media` saves a query to who has them.
    """
    row = {name: _value(tweet, name) for name in TWEET_FIELDS}
    pictures = tweet.media.all() if media is None else media
    return tweet_shape_of(row, [media_shape(each) for each in pictures], [])


def _value(tweet: Tweet, field: str) -> Any:
    """Return what `.values()` gives for a field: of a row that is pointed to, its key."""
    if field.startswith("author__"):
        return str(getattr(tweet.author, field.removeprefix("author__")))
    return getattr(tweet, ATTRIBUTES[field])


def trend_shape(tag: Any) -> Shape:
    """Return a tag of `Hashtag.objects.trends()`."""
    return {"name": tag.name, "people": tag.people, "uses": tag.uses}


def notification_shape(notification: Notification) -> Shape:
    return {
        "id": notification.pk,
        "kind": notification.kind,
        "actor": person_shape(notification.actor),
        "tweet_id": notification.tweet_id,
        "created_at": notification.created_at.isoformat(),
        "is_read": notification.read_at is not None,
    }
