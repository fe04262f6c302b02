"""The ASGI application: HTTP by Django, websockets by the event register."""

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

from accounts.scim import views as scim  # noqa: E402  the same
from bots.intake.webhook import Webhook  # noqa: E402  the same
from core.asgi.body_limit import BodyLimit  # noqa: E402  the same
from core.asgi.forwarded import ForwardedClient  # noqa: E402  the same
from core.asgi.local_clients import LocalClientsOnly  # noqa: E402  the same
from core.asgi.thread_pool_handler import ThreadPoolHandler  # noqa: E402  the same
from core.asgi.unavailable import DatabaseOutageResponse, fail_fast  # noqa: E402  the same
from core.logs import RequestLog  # noqa: E402  the same
from project.routing import websocket_urlpatterns  # noqa: E402  the same
from realtime.endpoints import EventStream  # noqa: E402  the same
from tts import engines  # noqa: E402  the same
from tts.http.files import TrackFiles  # noqa: E402  the same
from twitter.api.dispatch import respond  # noqa: E402  the same

fail_fast()
API_THREADS = 8  # more threads contend for the GIL

calls = ThreadPoolHandler(API_THREADS, settings.API_MIDDLEWARE, respond)
http_urlpatterns = [
    path("events", EventStream.as_asgi()),  # type: ignore[arg-type]  # Channels routes ASGI
    path("bots/<slug:slug>/webhook", Webhook()),  # type: ignore[arg-type]  # the same
    path("tts/files/<name>", TrackFiles()),  # type: ignore[arg-type]  # the same
    re_path("^api/", BodyLimit(calls, settings.MAX_BODY)),  # type: ignore[arg-type]  # the same
    re_path("^scim/v2", BodyLimit(django_application, scim.MAX_BODY, scim.reject)),  # type: ignore[arg-type]  # the same
    re_path("", BodyLimit(django_application, settings.MAX_BODY)),  # type: ignore[arg-type]  # ASGI
]
routes = ProtocolTypeRouter(
    {
        "http": URLRouter(http_urlpatterns),
        "websocket": URLRouter(websocket_urlpatterns),
    }
)
application: Any = DatabaseOutageResponse(routes)
application = RequestLog(application, quiet=["/health/", settings.STATIC_URL])

if settings.SANDBOX:
    from sandbox.webhooks.dispatcher import DispatcherLifespan

    application = DispatcherLifespan(application)

if settings.BEHIND_PROXY:
    application = ForwardedClient(application)

if settings.DEBUG:
    application = LocalClientsOnly(application)

# Load all views now, so that the first request does not wait for the imports.
get_resolver().url_patterns  # noqa: B018

# Load voices in the background, so that neither the first request nor the start waits.
Thread(target=engines.warm, name="tts-warm", daemon=True).start()

# Exclude loaded modules from garbage collection and collect less often: collection would otherwise
# take a third of the time in which a thousand clients connect.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
