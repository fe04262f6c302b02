"""What callers may send."""

from functools import lru_cache
from typing import Any, cast

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from twitter.feed import BadCursor, Cursor
from twitter.models.media import LONGEST_ALT, MOST_MEDIA
from twitter.models.people import LONGEST_ABOUT
from twitter.models.tweets import LONGEST_TEXT

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 100
LARGEST_ID = 10**18
LONGEST_NAME = 100


class Text(serializers.CharField):
    """Words, and not a number that could be written as some."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class NewTweet(serializers.Serializer[Any]):
    """The text may be empty where there is a picture."""

    tweet_data = Text(max_length=LONGEST_TEXT, allow_blank=True)
    tweet_media_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        max_length=MOST_MEDIA,
        required=False,
        allow_null=True,
        default=list,
        help_text=_("What POST /api/medias answered, in the order to be shown in."),
    )


class EditedTweet(serializers.Serializer[Any]):
    tweet_data = Text(max_length=LONGEST_TEXT, allow_blank=True)


class NewMedia(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True, help_text=_("JPEG, PNG, GIF or WebP."))
    alt = Text(
        max_length=LONGEST_ALT,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("What is in the picture, for those who cannot see it."),
    )


class NewAvatar(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)


class NewPerson(serializers.Serializer[Any]):
    name = Text(min_length=2, max_length=LONGEST_NAME)
    key = Text(min_length=10, max_length=200, trim_whitespace=False)


class Profile(serializers.Serializer[Any]):
    """What is not sent stays as it is."""

    name = Text(min_length=2, max_length=LONGEST_NAME, required=False)
    about = Text(max_length=LONGEST_ABOUT, required=False, allow_blank=True)


class Leaving(serializers.Serializer[Any]):
    tweets = serializers.ChoiceField(
        ["keep", "lose"],
        default="lose",
        help_text=_("Whether the tweets stay under the name of who leaves."),
    )


class CursorField(serializers.CharField):
    def to_internal_value(self, data: Any) -> Any:
        try:
            return Cursor.parse(super().to_internal_value(data))
        except BadCursor as error:
            raise serializers.ValidationError(str(error)) from error


class PageAsked(serializers.Serializer[Any]):
    """`offset` is the contract's name for the number of a page, from 1; `cursor` is better."""

    limit = serializers.IntegerField(
        min_value=1, default=DEFAULT_LIMIT, help_text=_("At most 100 are given.")
    )
    offset = serializers.IntegerField(
        min_value=0, max_value=1_000_000, default=1, help_text=_("The number of a page, from 1.")
    )
    cursor = CursorField(
        required=False, help_text=_("`next_cursor` of the page before; then `offset` is ignored.")
    )

    def validate_limit(self, limit: int) -> int:
        return min(limit, LARGEST_LIMIT)

    def validate_offset(self, number: int) -> int:
        return max(number, 1)


class FeedAsked(PageAsked):
    feed = serializers.ChoiceField(
        ["all", "following", "popular", "user"],
        default="all",
        help_text=_("`user` is what one person wrote or passed on: name them by `user`."),
    )
    user = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    tag = serializers.CharField(max_length=100, required=False, help_text=_("A hashtag without #."))

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["feed"] == "user" and "user" not in asked:
            raise serializers.ValidationError({"user": _("Say whose tweets you want.")})
        return asked


class SearchAsked(PageAsked):
    q = serializers.CharField(max_length=200, help_text=_("Words, in any of their forms."))


class PeopleAsked(serializers.Serializer[Any]):
    q = serializers.CharField(
        max_length=100, required=False, help_text=_("What a name begins with.")
    )


class NotificationsAsked(serializers.Serializer[Any]):
    before = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ID, required=False, help_text=_("Only older than this one.")
    )
    limit = serializers.IntegerField(min_value=1, max_value=LARGEST_LIMIT, default=DEFAULT_LIMIT)


@lru_cache
def _checks(
    kind: type[serializers.Serializer[Any]], language: str | None
) -> serializers.Serializer[Any]:
    """Return what checks values: making it, field by field, costs more than checking.

    One for each language, since some of the faults it tells stay in the one they were told in.
    """
    return kind()


def checked(kind: type[serializers.Serializer[Any]], values: Any) -> dict[str, Any]:
    """Return the values as `kind` reads them; ValidationError."""
    return cast(dict[str, Any], _checks(kind, get_language()).run_validation(values))
