"""What the fault tests run as a process of its own: a small register, on any ASGI server."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.test_settings")
django.setup()

from django.conf import settings  # noqa: E402  the apps must be loaded first

from realtime.endpoints.sse import EventStream  # noqa: E402  the same
from realtime.endpoints.websocket import EventConsumer  # noqa: E402  the same
from realtime.register import EventContext, EventRegister  # noqa: E402  the same

settings.KEY_AUTHENTICATOR = "realtime.tests.people.owner_of_key"
register = EventRegister(anonymous=True)


@register.on_join("*", presence=True)
async def anyone(context: EventContext, room: str) -> bool:
    return True


websockets = EventConsumer.as_asgi(register)
streams = EventStream.as_asgi(register)


async def application(scope: Any, receive: Any, send: Any) -> None:
    endpoint: Any = streams if scope["type"] == "http" else websockets
    await endpoint(scope, receive, send)
