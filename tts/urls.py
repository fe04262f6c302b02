"""The addresses under /tts/."""

from django.urls import URLPattern, path

from tts import pages
from tts.http import routes  # noqa: F401  registers the calls
from tts.http.register import patterns

urlpatterns: list[URLPattern] = [
    path("", pages.speeches, name="speeches"),
    path("say", pages.say, name="say"),
    path("<int:pk>/again", pages.say_again, name="say_again"),
    path("<int:pk>/stop", pages.stop, name="stop_speech"),
    *patterns(),
]
