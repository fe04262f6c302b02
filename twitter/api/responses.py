"""What callers are answered, for the schema. The shapes themselves are made in `twitter.shapes`."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from twitter.models import Notification


class Done(serializers.Serializer[Any]):
    result = serializers.BooleanField(help_text=_("True: it is done."))


class Failure(serializers.Serializer[Any]):
    result = serializers.BooleanField(help_text=_("False: nothing was done."))
    error_type = serializers.CharField(help_text=_("A word for programs, such as `invalid`."))
    error_message = serializers.CharField(help_text=_("A sentence for people."))


class Named(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class Author(Named):
    username = serializers.CharField(help_text=_("What others mention them by: @username."))
    avatar = serializers.CharField(help_text=_("The address of their picture, or empty."))


class LikeBy(serializers.Serializer[Any]):
    user_id = serializers.IntegerField()
    name = serializers.CharField()


class Picture(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    url = serializers.CharField()
    thumbnail = serializers.CharField(help_text=_("A smaller one; the picture itself at first."))
    kind = serializers.CharField(help_text=_("Its media type."))
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    alt = serializers.CharField()


class Original(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    content = serializers.CharField()
    attachments = serializers.ListField(child=serializers.CharField())
    author = Author()
    likes = LikeBy(
        many=True, help_text=_("The latest 200, and the caller; `likes_count` tells all.")
    )
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    reply_to = serializers.IntegerField(allow_null=True)
    thread = serializers.IntegerField(allow_null=True, help_text=_("What began the conversation."))
    repost_of = serializers.IntegerField(allow_null=True)
    media = Picture(many=True)
    likes_count = serializers.IntegerField()
    replies_count = serializers.IntegerField()
    reposts_count = serializers.IntegerField()
    is_liked = serializers.BooleanField(help_text=_("By the caller, as the next two."))
    is_bookmarked = serializers.BooleanField()
    is_reposted = serializers.BooleanField()


class Tweet(Original):
    original = Original(allow_null=True, help_text=_("What a repost passes on; it has no words."))


class TweetPage(Done):
    tweets = Tweet(many=True)
    next_cursor = serializers.CharField(allow_null=True, help_text=_("None on the last page."))


class OneTweet(Done):
    tweet = Tweet()


class TweetMade(Done):
    tweet_id = serializers.IntegerField()


class Trend(serializers.Serializer[Any]):
    name = serializers.CharField()
    people = serializers.IntegerField(help_text=_("How many people used it in the last 7 days."))
    uses = serializers.IntegerField(help_text=_("How many tweets."))


class Trends(Done):
    trends = Trend(many=True)


class MediaMade(Done):
    media_id = serializers.IntegerField()
    url = serializers.CharField()


class FullProfile(Author):
    followers = Named(many=True)
    following = Named(many=True)
    about = serializers.CharField()
    followers_count = serializers.IntegerField()
    following_count = serializers.IntegerField()


class OnePerson(Done):
    user = FullProfile()


class People(Done):
    users = Named(many=True)


class PersonWithKey(Named):
    key = serializers.CharField(help_text=_("Shown this once."))


class PersonMade(Done):
    user = PersonWithKey()


class AvatarMade(Done):
    avatar = serializers.CharField()


class Told(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Notification.Kind.values)
    actor = Named(help_text=_("Who did it."))
    tweet_id = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    is_read = serializers.BooleanField()


class Notifications(Done):
    notifications = Told(many=True)
    unread = serializers.IntegerField()
