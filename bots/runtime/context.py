"""The context of handlers: event, bot and registered values."""

from typing import Any

from bots.framework.events.types import Event, View
from bots.framework.routing.injection import Context, providers
from bots.models import Update


def context_of(update: Update, name: str, event: Event) -> Context:
    """Return the context for handlers of this update; `name` is that of the observer."""
    event.outbox.here = update.bot.answers_here
    own = name.removesuffix("_edited").removesuffix("_deleted")
    given: dict[str, Any] = {
        own: event,
        "event": event,
        "update": update,
        "bot": update.bot,
        "chat": event.chat,
    }
    if isinstance(event, View):
        given["ack"] = event.ack
    return Context(given, providers=providers())
