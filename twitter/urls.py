"""The addresses of the web page."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, path

from twitter import pages

urlpatterns: list[URLPattern] = [
    path("", pages.feed, name="feed"),
    path("post", pages.post, name="post"),
    path("login", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
]
