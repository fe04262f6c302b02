"""The addresses of the web page."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, path

from twitter.pages import account, listening, lists, people, tweets

urlpatterns: list[URLPattern] = [
    path("", lists.feed, name="feed"),
    path("search", lists.search, name="search"),
    path("tags/<str:name>", lists.tag, name="tag"),
    path("bookmarks", lists.bookmarks, name="bookmarks"),
    path("post", tweets.post, name="post"),
    path("tweets/some", tweets.some, name="some"),
    path("tweets/<int:pk>", tweets.thread, name="tweet"),
    path("tweets/<int:pk>/edit", tweets.edit, name="edit"),
    path("tweets/<int:pk>/hide", tweets.hide, name="hide"),
    path("tweets/<int:pk>/speech", listening.speech, name="listen"),
    path("tweets/<int:pk>/<str:name>", tweets.act, name="act"),
    path("names", people.names, name="names"),
    path("people/<str:username>", people.profile, name="person"),
    path("people/<str:username>/followers", people.followers, name="followers"),
    path("people/<str:username>/following", people.following, name="following"),
    path("people/<str:username>/<str:name>", people.follow, name="follow"),
    path("notifications", account.notifications, name="notifications"),
    path("settings", account.settings, name="settings"),
    path("settings/keys", account.make_key, name="make-key"),
    path("settings/keys/<int:pk>/revoke", account.revoke, name="revoke"),
    path("login", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
]
