"""The URLs of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from core.settings import own_apps
from project import health
from project.metrics import metrics
from twitter.api.dispatch import respond_at_root
from twitter.api.docs import docs
from twitter.pages.account import choose_language

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", metrics),
    path("admin/", admin.site.urls),
    path("i18n/setlang/", choose_language, name="set_language"),
    path("bots/", include("bots.accounts.urls")),
    path("api", respond_at_root),
    path("api/", include("twitter.api.urls")),
    re_path(r"^docs/?$", docs, name="docs"),
    path("tts/", include("tts.http.urls")),
    path("v1/", include("tts.http.openai.urls")),
    *(path(at, include(urls)) for at, urls in own_apps.find_urls(settings.SVYAZ_APPS).items()),
    path("", include("accounts.privacy.urls")),
    path("", include("accounts.scim.urls")),
    path("", include("accounts.urls")),
    path("", include("twitter.pages.urls")),
]

handler500 = "core.asgi.unavailable.server_error"

if settings.SANDBOX:
    urlpatterns.append(path("sandbox/", include("sandbox.urls")))
