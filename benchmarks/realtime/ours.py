"""Our server for the benchmark: Redis in the path, sessions looked at, permissions on."""

import asyncio
import gc
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from realtime.bus import bus  # noqa: E402
from realtime.consumer import EventConsumer  # noqa: E402
from realtime.envelope import encode  # noqa: E402
from realtime.limits import Limits  # noqa: E402
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
    await asyncio.to_thread(tell, context.payload)


def tell(count: int) -> None:
    """Publish as a view or a task would, beside the loop."""
    for number in range(count):
        bus().send("hall", encode("told", {"number": number, "text": "x" * 64}, {"room": "hall"}))


application = EventConsumer.as_asgi(register, limits)
gc.collect()
gc.freeze()  # as the project's own application does
