"""The addresses of the contract, each with and without the trailing slash."""

from django.urls import URLPattern, re_path

from twitter.api import views

urlpatterns: list[URLPattern] = [
    re_path(r"^users/me/?$", views.Me.as_view()),
    re_path(r"^tweets/?$", views.Tweets.as_view()),
    re_path(r"", views.NoSuchCall.as_view()),
]
