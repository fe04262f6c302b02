"""Our server for the benchmark: with Redis, sessions and permissions."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from benchmarks.realtime.tuning import tune_collector  # noqa: E402
from realtime.actions import apublish  # noqa: E402
from realtime.connections.limits import Limits  # noqa: E402
from realtime.endpoints.websocket import EventConsumer  # noqa: E402
from realtime.register import EventContext, EventRegister  # noqa: E402

register = EventRegister(anonymous=True)
limits = Limits(events_per_second=1e9, events_at_once=10**9)


async def anyone(context: EventContext) -> bool:
    return True


@register.on_join("hall")
async def may_join(context: EventContext, room: str) -> bool:
    return True


@register.on_event("enter", permission=anyone)
async def enter(context: EventContext) -> None:
    await context.connection.join("hall")
    await context.connection.send("entered")


@register.on_event("echo", permission=anyone)
async def echo(context: EventContext) -> None:
    await context.connection.send("echo", context.payload)


@register.on_event("broadcast", permission=anyone)
async def broadcast(context: EventContext) -> None:
    await apublish("told", {"number": context.payload, "text": "x" * 64}, "hall")


application = EventConsumer.as_asgi(register, limits)
tune_collector()
