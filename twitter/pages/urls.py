"""URL patterns of the pages."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from twitter.pages import account, lists, people, speech, tweets


class TextConverter(StringConverter):
    """A path segment without NUL, which PostgreSQL rejects."""

    regex = r"[^/\x00]+"


register_converter(TextConverter, "text")

urlpatterns: list[URLPattern] = [
    path("", lists.feed, name="feed"),
    path("search", lists.search, name="search"),
    path("tags/<text:name>", lists.tag, name="tag"),
    path("bookmarks", lists.bookmarks, name="bookmarks"),
    path("post", tweets.post, name="post"),
    path("tweets/some", tweets.some, name="some"),
    path("tweets/<int:pk>", tweets.thread, name="tweet"),
    path("tweets/<int:pk>/edit", tweets.edit, name="edit"),
    path("tweets/<int:pk>/hide", tweets.hide, name="hide"),
    path("tweets/<int:pk>/speech", speech.speech, name="listen"),
    path("tweets/<int:pk>/<text:name>", tweets.act, name="act"),
    path("names", people.names, name="names"),
    path("people/<text:username>", people.profile, name="person"),
    path("people/<text:username>/followers", people.followers, name="followers"),
    path("people/<text:username>/following", people.following, name="following"),
    path("people/<text:username>/<text:name>", people.follow, name="follow"),
    path("notifications", account.notifications, name="notifications"),
    path("settings", account.settings, name="settings"),
    path("settings/keys", account.make_key, name="make-key"),
    path("settings/keys/<int:pk>/revoke", account.revoke, name="revoke"),
]
