"""Cursor pagination of tweets: page 1,000 is as fast as page 1."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from twitter.models import Tweet
from twitter.models.tweets import TweetQuerySet

MAX_CURSOR_LENGTH = 200


class BadCursor(ValueError):
    """The cursor is malformed, or belongs to a feed with another order."""

    def __str__(self) -> str:
        return _("The cursor is not valid for this feed. Use `next_cursor` of its previous page.")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The position right after a tweet: its value in the ordering field, and its id."""

    value: str
    tweet_id: int

    @classmethod
    def after(cls, tweet: Tweet, field: str = "created_at") -> "Cursor":
        """Return the position after `tweet` in a feed ordered by `field`."""
        return cls.of(getattr(tweet, field), tweet.pk)

    @classmethod
    def of(cls, value: Any, tweet_id: int) -> "Cursor":
        """Return the position after the tweet with this id and value of the ordering field."""
        return cls(value.isoformat() if isinstance(value, datetime) else repr(value), tweet_id)

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Return the cursor that `str(cursor)` encoded. Raises BadCursor."""
        try:
            value, _space, tweet_id = urlsafe_b64decode(text.encode()).decode().partition(" ")
        except (ValueError, binascii.Error) as error:
            raise BadCursor from error
        if len(text) > MAX_CURSOR_LENGTH or not tweet_id.isdecimal() or len(tweet_id) > 18:
            raise BadCursor
        return cls(value, int(tweet_id))

    def __str__(self) -> str:
        return urlsafe_b64encode(f"{self.value} {self.tweet_id}".encode()).decode()

    def read_as(self, field: Any) -> Any:
        """Return the value converted by a model field. Raises BadCursor if it is not valid."""
        try:
            value = field.to_python(self.value)
            if isinstance(value, datetime):
                # Raises OverflowError near the first and the last year, as the database would.
                return value.astimezone(UTC) if value.tzinfo else _refuse()
        except (ValidationError, ValueError, OverflowError) as error:
            raise BadCursor from error
        is_number = value is not None and value == value  # False for NaN
        return value if is_number else _refuse()


def _refuse() -> NoReturn:
    raise BadCursor


@dataclass(frozen=True, slots=True)
class Page:
    """Tweets, and the cursor of the next page: None on the last one."""

    tweets: list[Tweet]
    next: Cursor | None


def page_after(feed: TweetQuerySet, cursor: Cursor | None, size: int) -> Page:
    """Return the page after `cursor`, or the first page, in the order of `feed`.

    Raises BadCursor if the cursor belongs to a feed with another order.
    """
    rest = feed if cursor is None else rest_after(feed, cursor)
    tweets = list(rest.page_slice(0, size + 1))
    has_more = len(tweets) > size
    return Page(tweets[:size], Cursor.after(tweets[size - 1], order_of(feed)) if has_more else None)


def rest_after(feed: TweetQuerySet, cursor: Cursor) -> TweetQuerySet:
    """Return the part of `feed` after `cursor`. Raises BadCursor."""
    field = feed.query.resolve_ref(order_of(feed)).output_field
    return feed.after(cursor.read_as(field), cursor.tweet_id)


def order_of(feed: TweetQuerySet) -> str:
    """Return the name of the field that `feed` is ordered by."""
    return str(feed.query.order_by[0]).lstrip("-")
