"""Every address of the house."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from project import health
from project.metrics import metrics
from twitter.api.docs import docs
from twitter.pages.account import choose_language

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", metrics),
    path("admin/", admin.site.urls),
    path("i18n/setlang/", choose_language, name="set_language"),
    path("bots/", include("bots.urls")),
    path("api/", include("twitter.api.urls")),
    re_path(r"^docs/?$", docs, name="docs"),
    path("tts/", include("tts.urls")),
    path("v1/", include("tts.http.openai_urls")),
    path("", include("twitter.urls")),
]

if settings.SANDBOX:
    urlpatterns.append(path("sandbox/", include("sandbox.urls")))
