"""URLs under /tts/."""

from django.urls import URLPattern, path

from tts.http import routes  # noqa: F401  registers the calls
from tts.http.pages import views
from tts.http.register import patterns_beside

urlpatterns: list[URLPattern] = patterns_beside(
    [
        path("", views.speeches, name="speeches"),
        path("say", views.say, name="say"),
        path("<int:pk>/again", views.say_again, name="say_again"),
        path("<int:pk>/stop", views.stop, name="stop_speech"),
    ]
)
