"""Shows tracebacks of handlers in the sandbox. Neither app imports the other."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from bots.framework.events.identity import key_of
from bots.models import Update
from bots.models.jobs import State
from bots.signals import handler_failed
from sandbox import trace
from sandbox.models import Message, WebhookEvent
from sandbox.page import updates

HOOK = "/webhook"


def connect() -> None:
    """Add failures to the traces, and refresh an open trace when its handler fails."""
    trace.add_failure_source(failures_of)
    handler_failed.connect(refresh, dispatch_uid="sandbox.trace")


def failures_of(events: list[WebhookEvent]) -> Mapping[str, dict[str, Any]]:
    """Return the failures of the handlers of these events, by event id, in one query.

    Events that were finally handled successfully are omitted.
    """
    ids = {(_slug_of(event), key_of(event.payload)): event.pk for event in events}
    keys = [key for _slug, key in ids]
    failed = Update.objects.filter(
        Q(key__in=keys) | Q(continues__key__in=keys), bot__in_sandbox=True
    )
    rows = failed.exclude(error="").order_by("pk")
    return {
        ids[address]: {"error": error, "handler": handler, "is_final": state == State.FAILED}
        for slug, key, of, error, handler, state in rows.values_list(
            "bot__slug", "key", "continues__key", "error", "handler", "state"
        )
        if (address := (slug, of or key)) in ids
    }


def refresh(update: Update, **_: Any) -> None:
    payload = update.payload
    pk = payload.get("id") if payload.get("type") == "message" else payload.get("message_id")
    if update.bot.in_sandbox and isinstance(pk, int):
        for message in Message.objects.filter(pk=pk).select_related("chat"):
            updates.publish_trace(message)


def _slug_of(event: WebhookEvent) -> str:
    """Return the slug of the bot at the webhook's URL, or "" if the URL is of another site."""
    path = event.bot.resolved_webhook_url
    return path.removesuffix(HOOK).rpartition("/")[2] if path.endswith(HOOK) else ""
