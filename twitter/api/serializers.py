"""Validation of query strings and bodies."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from twitter.feed import BadCursor, Cursor
from twitter.models.media import MAX_ALT_LENGTH, MAX_MEDIA
from twitter.models.people import MAX_ABOUT_LENGTH
from twitter.models.tweets import MAX_TEXT_LENGTH
from twitter.text.normal import normalize, normalize_name

DEFAULT_LIMIT = 50
MAX_LIMIT = 100
MAX_ID = 10**18
MAX_NAME_LENGTH = 100


class Text(serializers.CharField):
    """A normalised string; numbers are rejected. The length is that of the normalised text."""

    normalize: Callable[[str], str] = staticmethod(normalize)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return self.normalize(super().to_internal_value(data))


class Name(Text):
    normalize = staticmethod(normalize_name)


class Key(serializers.CharField):
    """An API key, which is not trimmed or normalised."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class NewTweet(serializers.Serializer[Any]):
    """The text may be empty if there is a picture."""

    tweet_data = Text(max_length=MAX_TEXT_LENGTH, allow_blank=True)
    tweet_media_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID),
        max_length=MAX_MEDIA,
        required=False,
        allow_null=True,
        default=list,
        help_text=_("Ids returned by `POST /api/medias`, in display order."),
    )


class EditedTweet(serializers.Serializer[Any]):
    tweet_data = Text(max_length=MAX_TEXT_LENGTH, allow_blank=True)


class NewMedia(serializers.Serializer[Any]):
    file = serializers.FileField(
        allow_empty_file=True, help_text=_("JPEG, PNG, GIF, WebP, HEIC or AVIF.")
    )
    alt = Text(
        max_length=MAX_ALT_LENGTH,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Alternative text: what the picture shows, for people who cannot see it."),
    )


class NewAvatar(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)


class NewPerson(serializers.Serializer[Any]):
    name = Name(min_length=2, max_length=MAX_NAME_LENGTH)
    key = Key(min_length=10, max_length=200)


class Profile(serializers.Serializer[Any]):
    """Fields that are not sent stay unchanged."""

    name = Name(min_length=2, max_length=MAX_NAME_LENGTH, required=False)
    about = Text(max_length=MAX_ABOUT_LENGTH, required=False, allow_blank=True)


class LeaveQuery(serializers.Serializer[Any]):
    tweets = serializers.ChoiceField(
        ["keep", "lose"],
        default="lose",
        help_text=_("`keep` leaves the person's tweets in place, `lose` hides them."),
    )


class CursorField(serializers.CharField):
    def to_internal_value(self, data: Any) -> Any:
        try:
            return Cursor.parse(super().to_internal_value(data))
        except BadCursor as error:
            raise serializers.ValidationError(str(error)) from error


class PageQuery(serializers.Serializer[Any]):
    """Prefer `cursor`; `offset` is the contract's name for a page number."""

    limit = serializers.IntegerField(
        min_value=1, default=None, help_text=_("Tweets per page: 50 by default, at most 100.")
    )
    offset = serializers.IntegerField(
        min_value=0, max_value=1_000_000, default=None, help_text=_("Page number, starting at 1.")
    )
    cursor = CursorField(
        required=False,
        help_text=_("`next_cursor` of the previous page. If given, `offset` is ignored."),
    )

    def validate(self, query: dict[str, Any]) -> dict[str, Any]:
        limit, number = query["limit"] or DEFAULT_LIMIT, query["offset"] or 1
        return {**query, "limit": min(limit, MAX_LIMIT), "offset": number}


class FeedQuery(PageQuery):
    """A page of a feed, or, without `limit`, `offset` and `cursor`, the whole feed."""

    feed = serializers.ChoiceField(
        ["all", "following", "popular", "user"],
        default="all",
        help_text=_(
            "`user`: tweets and reposts of the person whose id is in the parameter `user`."
        ),
    )
    user = serializers.IntegerField(min_value=1, max_value=MAX_ID, required=False)
    tag = Text(
        max_length=100,
        required=False,
        help_text=_("Only tweets with this hashtag, given without #."),
    )

    def validate(self, query: dict[str, Any]) -> dict[str, Any]:
        if query["feed"] == "user" and "user" not in query:
            raise serializers.ValidationError({"user": _("Required if `feed` is `user`.")})
        is_whole = query["limit"] is None and query["offset"] is None and "cursor" not in query
        return {**super().validate(query), "is_whole": is_whole}


class SearchQuery(PageQuery):
    q = Text(
        max_length=MAX_TEXT_LENGTH, help_text=_("Words that a tweet must contain, in any form.")
    )


class PeopleQuery(serializers.Serializer[Any]):
    q = Text(max_length=100, required=False, help_text=_("The beginning of a name or username."))


class NotificationsQuery(serializers.Serializer[Any]):
    before = serializers.IntegerField(
        min_value=1,
        max_value=MAX_ID,
        required=False,
        help_text=_("Id of a notification: only older ones are returned."),
    )
    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, default=DEFAULT_LIMIT)


@lru_cache
def _validator(
    kind: type[serializers.Serializer[Any]], language: str | None
) -> serializers.Serializer[Any]:
    """Return a cached serializer: creating one takes longer than validating with it.

    There is one per language, because some fields format their messages when they are created.
    """
    return kind()


def validate(kind: type[serializers.Serializer[Any]], values: Any) -> dict[str, Any]:
    """Return the validated values. Raises ValidationError."""
    return cast(dict[str, Any], _validator(kind, get_language()).run_validation(values))
