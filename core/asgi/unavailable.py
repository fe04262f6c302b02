"""503 responses with Retry-After while the database does not respond."""

import logging
import sys
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.views import defaults

from core.asgi.responses import respond_json
from core.database import is_outage

logger = logging.getLogger(__name__)

MESSAGE = "The database is not available at the moment. Try again in a few seconds."
HEADERS = {"Retry-After": "5", "Cache-Control": "no-store"}
TRY_AGAIN_LATER = 1013  # the close code of a websocket


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Django's handler500: respond with 503 if the current exception is a database outage."""
    if not is_outage(sys.exc_info()[1]):
        return defaults.server_error(request)
    if "text/html" in request.headers.get("accept", ""):
        return HttpResponse(render_to_string("503.html"), status=503, headers=HEADERS)
    return JsonResponse({"error": MESSAGE}, status=503, headers=HEADERS)


class DatabaseOutageResponse:
    """ASGI middleware for what Django does not serve: event streams, WebSockets, files."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        has_started = False

        async def record_start(event: Any) -> None:
            nonlocal has_started
            has_started = True
            await send(event)

        try:
            await self.app(scope, receive, record_start)
        except Error as error:
            if not is_outage(error):
                raise
            logger.error("The database does not respond: %s", error)
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            elif not has_started:
                headers = [(name.lower().encode(), it.encode()) for name, it in HEADERS.items()]
                await respond_json(send, 503, {"error": MESSAGE}, headers)
            else:
                raise


def fail_fast() -> None:
    """Make this process respond within 2 seconds while PostgreSQL is down or hangs."""
    if settings.DATABASES["default"]["ENGINE"] == "core.postgres":
        from core.postgres.outage import breaker  # noqa: PLC0415  there may be no PostgreSQL

        breaker.is_enabled = True
