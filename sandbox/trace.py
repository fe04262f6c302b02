"""Which webhooks a message caused, and which calls bots made because of them."""

import json
from typing import Any

from django.db.models import Q

from sandbox import live
from sandbox.models import Account, ApiCall, Message, WebhookAttempt, WebhookEvent
from sandbox.shapes import Json, moment

# Longer bodies are of no use to a reader.
KEPT_BODY = 20_000


def record(bot: Account, chat_id: int | None, user_id: int | None, call: ApiCall) -> None:
    """Log a bot's call, beside the event that it seems to answer."""
    call.bot = bot
    call.event = _cause(bot, chat_id, user_id)
    call.path = call.path[:500]
    call.request, call.response = _kept(call.request), _kept(call.response)
    call.save()
    call.prune()
    if call.event is not None and call.event.message is not None:
        live.tell_trace(call.event.message)


def _cause(bot: Account, chat_id: int | None, user_id: int | None) -> WebhookEvent | None:
    """Return the newest event the bot was told about this chat or user, else just the newest."""
    told = bot.webhook_events.told().select_related("message__chat").order_by("-id")
    about = Q(chat=chat_id) if chat_id else Q()
    if user_id:
        about |= Q(user=user_id)
    return (told.filter(about).first() if about else None) or told.first()


def _kept(body: Any) -> Any:
    size = len(json.dumps(body))
    return body if size <= KEPT_BODY else {"…": size}


def of(message: Message) -> Json:
    """Return the message's whole trace, in the order things happened."""
    events = list(
        WebhookEvent.objects.filter(message=message)
        .select_related("bot")
        .prefetch_related("attempts")
        .order_by("id")
    )
    calls = ApiCall.objects.filter(event__in=events).select_related("bot").order_by("id")
    return {"events": [_event(row) for row in events], "calls": [_call(row) for row in calls]}


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
        "at": moment(row.at),
        "status": row.status,
        "ms": row.ms,
        "error": row.error or None,
        "answer": row.answer,
    }


def _call(row: ApiCall) -> Json:
    return {
        "at": moment(row.at),
        "bot": _bot(row.bot),
        "method": row.method,
        "path": row.path,
        "status": row.status,
        "ms": row.ms,
        "request": row.request,
        "response": row.response,
    }
