"""What callers may send."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from twitter.feed import BadCursor, Cursor
from twitter.models.tweets import LONGEST_TEXT

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 100


class NewTweet(serializers.Serializer[Any]):
    tweet_data = serializers.CharField(max_length=LONGEST_TEXT)
    tweet_media_ids = serializers.ListField(
        child=serializers.IntegerField(), required=False, allow_null=True
    )

    def validate_tweet_media_ids(self, ids: list[int] | None) -> list[int]:
        if ids:
            raise serializers.ValidationError(_("There is no such media."))
        return []


class CursorField(serializers.CharField):
    def to_internal_value(self, data: Any) -> Any:
        try:
            return Cursor.parse(super().to_internal_value(data))
        except BadCursor as error:
            raise serializers.ValidationError(str(error)) from error


class FeedPage(serializers.Serializer[Any]):
    """`offset` is the contract's name for the number of a page, from 1."""

    limit = serializers.IntegerField(min_value=1, default=DEFAULT_LIMIT)
    offset = serializers.IntegerField(min_value=0, max_value=1_000_000, default=1)
    cursor = CursorField(required=False)

    def validate_limit(self, limit: int) -> int:
        return min(limit, LARGEST_LIMIT)

    def validate_offset(self, number: int) -> int:
        return max(number, 1)
