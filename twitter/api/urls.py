"""The URL pattern of the API; `calls.py` has the paths."""

from django.urls import re_path

from twitter.api.dispatch import respond

urlpatterns = [re_path("", respond)]
