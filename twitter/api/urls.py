"""The addresses of the contract, each with and without the trailing slash."""

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, path, re_path

from twitter.api import docs, media, people, tweets
from twitter.api.views import NoSuchCall

CALLS: dict[str, Callable[..., Any]] = {
    "tweets": tweets.Tweets.as_view(),
    "tweets/<int:tweet_id>": tweets.OneTweet.as_view(),
    "tweets/<int:tweet_id>/thread": tweets.Thread.as_view(),
    "tweets/<int:tweet_id>/likes": tweets.Likes.as_view(),
    "tweets/<int:tweet_id>/reposts": tweets.Reposts.as_view(),
    "tweets/<int:tweet_id>/bookmark": tweets.Bookmark.as_view(),
    "bookmarks": tweets.Bookmarks.as_view(),
    "search": tweets.Search.as_view(),
    "trends": tweets.Trends.as_view(),
    "medias": media.Medias.as_view(),
    "medias/<str:filename>": media.MediaFile.as_view(),
    "users": people.People.as_view(),
    "users/me": people.Me.as_view(),
    "users/me/avatar": people.Avatar.as_view(),
    "users/<int:user_id>": people.OnePerson.as_view(),
    "users/<int:user_id>/follow": people.Following.as_view(),
    "notifications": people.Notifications.as_view(),
    "notifications/read": people.NotificationsRead.as_view(),
    "schema": docs.Schema.as_view(),
}


def patterns() -> Iterator[URLPattern]:
    for route, view in CALLS.items():
        yield path(route, view)
        yield path(f"{route}/", view)
    yield re_path("", NoSuchCall.as_view())


urlpatterns: list[URLPattern] = [*patterns()]
