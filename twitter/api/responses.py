"""Responses as the OpenAPI schema documents them; `twitter.serialization` builds them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from twitter.models import Notification


class Done(serializers.Serializer[Any]):
    result = serializers.BooleanField(help_text=_("Always `true`."))


class Failure(serializers.Serializer[Any]):
    result = serializers.BooleanField(help_text=_("Always `false`: the call changed nothing."))
    error_type = serializers.CharField(help_text=_("A code for programs, such as `invalid`."))
    error_message = serializers.CharField(
        help_text=_("A message for people, in the language of the request.")
    )


class PersonSummary(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField(help_text=_("Not unique: people choose it freely."))
    username = serializers.CharField(help_text=_("Unique. Used in mentions: @username."))


class Author(PersonSummary):
    avatar = serializers.CharField(help_text=_("URL of the avatar, or an empty string."))


class LikeBy(serializers.Serializer[Any]):
    user_id = serializers.IntegerField()
    name = serializers.CharField()
    username = serializers.CharField()


class Picture(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    url = serializers.CharField()
    thumbnail = serializers.CharField(
        help_text=_("URL of a smaller copy; until it is ready, of the picture itself.")
    )
    kind = serializers.CharField(help_text=_("The media type, such as `image/png`."))
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    alt = serializers.CharField()


class Original(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    content = serializers.CharField()
    attachments = serializers.ListField(child=serializers.CharField())
    author = Author()
    likes = LikeBy(
        many=True, help_text=_("The latest 200, plus the caller's; `likes_count` is the total.")
    )
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    reply_to = serializers.IntegerField(allow_null=True)
    thread = serializers.IntegerField(
        allow_null=True, help_text=_("Id of the tweet that started the conversation.")
    )
    repost_of = serializers.IntegerField(allow_null=True)
    media = Picture(many=True)
    likes_count = serializers.IntegerField()
    replies_count = serializers.IntegerField()
    reposts_count = serializers.IntegerField()
    is_liked = serializers.BooleanField(help_text=_("Whether the caller likes it."))
    is_bookmarked = serializers.BooleanField(help_text=_("Whether the caller bookmarked it."))
    is_reposted = serializers.BooleanField(help_text=_("Whether the caller reposted it."))


class Tweet(Original):
    original = Original(
        allow_null=True, help_text=_("The reposted tweet. The `content` of a repost is empty.")
    )


class TweetPage(Done):
    tweets = Tweet(many=True)
    next_cursor = serializers.CharField(allow_null=True, help_text=_("`null` on the last page."))


class OneTweet(Done):
    tweet = Tweet()


class TweetMade(Done):
    tweet_id = serializers.IntegerField()


class Trend(serializers.Serializer[Any]):
    name = serializers.CharField()
    people = serializers.IntegerField(
        help_text=_("Number of people who used it in the last 7 days.")
    )
    uses = serializers.IntegerField(
        help_text=_("Number of tweets that contain it in the last 7 days.")
    )


class Trends(Done):
    trends = Trend(many=True)


class MediaMade(Done):
    media_id = serializers.IntegerField()
    url = serializers.CharField()


class FullProfile(Author):
    followers = PersonSummary(many=True)
    following = PersonSummary(many=True)
    about = serializers.CharField()
    followers_count = serializers.IntegerField()
    following_count = serializers.IntegerField()


class OnePerson(Done):
    user = FullProfile()


class People(Done):
    users = PersonSummary(many=True)


class PersonWithKey(PersonSummary):
    key = serializers.CharField(help_text=_("Not returned again: store it."))


class PersonMade(Done):
    user = PersonWithKey()


class AvatarMade(Done):
    avatar = serializers.CharField()


class NotificationEntry(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Notification.Kind.values)
    actor = PersonSummary(help_text=_("The person who caused the notification."))
    tweet_id = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    is_read = serializers.BooleanField()


class Notifications(Done):
    notifications = NotificationEntry(many=True)
    unread = serializers.IntegerField()
