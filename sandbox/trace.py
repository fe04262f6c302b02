"""The trace of a message: the webhooks it caused, and the API calls that bots made in response."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Q

from sandbox.models import Account, ApiCall, Message, WebhookAttempt, WebhookEvent
from sandbox.page import updates
from sandbox.serializers import Json, format_datetime

# Returns failures of handlers by the id of the event: `error` (a traceback), `handler`, and
# `is_final` (whether it will not be retried).
FailureSource = Callable[[list[WebhookEvent]], Mapping[str, Json]]

_sources: list[FailureSource] = []

# Characters of JSON; longer bodies are not logged.
MAX_LOGGED_BODY = 20_000


def add_failure_source(source: FailureSource) -> None:
    """Add a source of handler failures, which traces show."""
    if source not in _sources:
        _sources.append(source)


def record(bot: Account, chat_id: int | None, user_id: int | None, call: ApiCall) -> None:
    """Log a bot's call, together with the event that probably caused it."""
    call.bot = bot
    call.event = _find_cause(bot, chat_id, user_id)
    call.path = call.path[:500]
    call.request, call.response = _truncate(call.request), _truncate(call.response)
    call.save()
    call.prune()
    if call.event is not None and call.event.message is not None:
        updates.publish_trace(call.event.message)


def _find_cause(bot: Account, chat_id: int | None, user_id: int | None) -> WebhookEvent | None:
    """Return the newest event sent to the bot about this chat or user, else the newest one."""
    sent = bot.webhook_events.not_waiting().select_related("message__chat").order_by("-id")
    about = Q(chat=chat_id) if chat_id else Q()
    if user_id:
        about |= Q(user=user_id)
    return (sent.filter(about).first() if about else None) or sent.first()


def _truncate(body: Any) -> Any:
    size = len(json.dumps(body))
    return body if size <= MAX_LOGGED_BODY else {"…": size}


def serialize_trace(message: Message) -> Json:
    """Return the trace of a message in chronological order: `events` and `calls`."""
    events = list(
        WebhookEvent.objects.filter(message=message)
        .select_related("bot")
        .prefetch_related("attempts")
        .order_by("id")
    )
    calls = ApiCall.objects.filter(event__in=events).select_related("bot").order_by("id")
    failures = {pk: one for source in _sources for pk, one in source(events).items()}
    return {
        "events": [{**_event(row), "failure": failures.get(row.pk)} for row in events],
        "calls": [_call(row) for row in calls],
    }


def _bot(row: Account) -> Json:
    return {"id": row.pk, "name": row.name}


def _event(row: WebhookEvent) -> Json:
    return {
        "id": row.pk,
        "event_type": row.event_type,
        "bot": _bot(row.bot),
        "payload": row.payload,
        "attempts": [_attempt(attempt) for attempt in row.attempts.all()],
        "state": row.state,
    }


def _attempt(row: WebhookAttempt) -> Json:
    return {
        "at": format_datetime(row.at),
        "status": row.status,
        "ms": row.ms,
        "error": row.error or None,
        "answer": row.answer,
    }


def _call(row: ApiCall) -> Json:
    return {
        "at": format_datetime(row.at),
        "bot": _bot(row.bot),
        "method": row.method,
        "path": row.path,
        "status": row.status,
        "ms": row.ms,
        "request": row.request,
        "response": row.response,
    }
