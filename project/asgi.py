"""The one ASGI application: HTTP by Django, websockets by the event register."""

import gc
import os
from threading import Thread
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import get_resolver, path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django_application = get_asgi_application()

from django.conf import settings  # noqa: E402  the same

from bots.webhook import Webhook  # noqa: E402  the same
from project.body_limit import BodyLimit  # noqa: E402  the same
from project.logs import RequestLog  # noqa: E402  the same
from project.loopback import LoopbackOnly  # noqa: E402  the same
from project.one_hop import OneHop  # noqa: E402  the same
from project.proxy import CallersOfProxy  # noqa: E402  the same
from project.routing import websocket_urlpatterns  # noqa: E402  the apps must be loaded first
from realtime.sse import EventStream  # noqa: E402  the same
from tts import engines  # noqa: E402  the same
from tts.http.files import TrackFiles  # noqa: E402  the same

API_THREADS = 8  # beyond a few, they wait for each other

calls = OneHop(API_THREADS, settings.API_MIDDLEWARE)
http_urlpatterns = [
    path("events", EventStream.as_asgi()),  # type: ignore[arg-type]  # Channels routes ASGI
    path("bots/<slug:slug>/webhook", Webhook()),  # type: ignore[arg-type]  # the same
    path("tts/files/<name>", TrackFiles()),  # type: ignore[arg-type]  # the same
    re_path("^api/", BodyLimit(calls, settings.MAX_BODY)),  # type: ignore[arg-type]  # the same
    re_path("", BodyLimit(django_application, settings.MAX_BODY)),  # type: ignore[arg-type]  # ASGI
]
routes = ProtocolTypeRouter(
    {
        "http": URLRouter(http_urlpatterns),
        "websocket": URLRouter(websocket_urlpatterns),
    }
)
application: Any = RequestLog(routes, quiet=["/health/", settings.STATIC_URL])

if settings.SANDBOX:
    from sandbox.postman import PostOffice

    application = PostOffice(application)

if settings.BEHIND_PROXY:
    application = CallersOfProxy(application)

if settings.DEBUG:
    application = LoopbackOnly(application)

# Whoever comes first does not wait for the pages to be loaded: reading the addresses loads them.
get_resolver().url_patterns  # noqa: B018

# Whoever listens first does not wait for the voices to be loaded; nor does the start.
Thread(target=engines.warm, name="tts-warm", daemon=True).start()

# What has been loaded stays: looking it through for garbage again and again would cost a third of
# the time in which a thousand clients connect. What they bring is looked through less often.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
