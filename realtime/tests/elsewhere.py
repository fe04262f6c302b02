"""Another project: it has the app alone, and serves a register of its own at its own path."""

import os

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path, re_path

settings.configure(
    INSTALLED_APPS=[
        "unfold",
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "realtime",
    ],
    ALLOWED_HOSTS=["127.0.0.1"],
    REDIS_URL=os.environ["REDIS_URL"],
)
django.setup()

from realtime.consumer import EventConsumer, refuse  # noqa: E402  the apps must be loaded first
from realtime.register import EventContext, EventRegister  # noqa: E402  the same

game = EventRegister(in_order=True, anonymous=True)


@game.on_join("table.*")
async def anyone(context: EventContext, room: str) -> bool:
    return True


@game.on_event("move")
async def move(context: EventContext) -> None:
    await context.reply({"moved": context.payload})


websockets = [path("ws/game", EventConsumer.as_asgi(game)), re_path("", refuse)]  # type: ignore[arg-type]  # Channels routes ASGI
application = ProtocolTypeRouter({"websocket": URLRouter(websockets)})
