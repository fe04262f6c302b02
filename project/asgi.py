"""The one ASGI application: HTTP by Django, websockets by the event register."""

import os
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django_application = get_asgi_application()

from django.conf import settings  # noqa: E402  the same

from project.body_limit import BodyLimit  # noqa: E402  the same
from project.logs import RequestLog  # noqa: E402  the same
from project.routing import websocket_urlpatterns  # noqa: E402  the apps must be loaded first

routes = ProtocolTypeRouter(
    {
        "http": BodyLimit(django_application, settings.MAX_BODY),
        "websocket": AuthMiddlewareStack(URLRouter(websocket_urlpatterns)),
    }
)
application: Any = RequestLog(routes, quiet=["/health/", settings.STATIC_URL])

if settings.SANDBOX:
    from sandbox.postman import PostOffice

    application = PostOffice(application)
