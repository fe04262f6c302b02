"""The addresses under /tts/."""

from django.urls import URLPattern

from tts.http import routes  # noqa: F401  registers the calls
from tts.http.register import patterns

urlpatterns: list[URLPattern] = [*patterns()]
