"""Throttling to Pachca's rate limits."""

import hashlib
import random
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from bots.framework.api import ApiResponse, Call, Signal, Transformer, pause
from core.redis.rate_limit import RateLimiter, Window, rate_limiter

DAY = 24 * 3600
# Windows are longer than Pachca's, because calls may arrive faster than they are sent.
SLACK = 1.05
SENDING = Window("send", 30, 5 * SLACK)
READING = Window("read", 10, SLACK)
EVENTS = Window("events", 5, 2 * SLACK)
EVERYTHING_ELSE = Window("other", 50, SLACK)
CLASSES = {
    "create_message": (SENDING,),
    "update_message": (SENDING,),
    "delete_message": (SENDING,),
    "get_message": (READING,),
    "list_chat_messages": (READING,),
    "get_webhook_events": (EVENTS,),
    "upload_file": (),  # goes to the storage, not to Pachca
}
MAX_WAIT = 60.0


def throttle(
    token: str, longest: float = MAX_WAIT, limiter: RateLimiter | None = None, chat: str = ""
) -> Transformer:
    """Delay calls with this token until Pachca's limits allow them, counted across processes.

    `chat` is the chat of messages that are edited or deleted. If a call would have to wait longer
    than `longest` seconds, as after 7,500 messages to one chat in a day, it gets a 429 response at
    once, with the time to wait.
    """
    subject = f"pachca.{hashlib.blake2b(token.encode(), digest_size=12).hexdigest()}"

    async def call_throttled(
        prev: Call, method: str, payload: dict[str, Any], signal: Signal | None
    ) -> ApiResponse:
        windows = windows_of(method, payload, chat)
        waited = 0.0
        counted_by = limiter or rate_limiter(settings.REDIS_URL)
        while windows and (wait := await counted_by.take(subject, windows)):
            if waited + wait > longest:
                return _too_many(wait)
            # Jitter, so that waiting calls do not retry at the same moment.
            wait *= random.uniform(1, 1.1)  # noqa: S311
            await pause(wait, signal)
            waited += wait
        return await prev(method, payload, signal)

    return call_throttled


def windows_of(method: str, payload: dict[str, Any], chat: str = "") -> tuple[Window, ...]:
    """Return the windows in which the call is counted.

    An edit or a deletion does not contain the chat of its message, so `chat` is used if known.
    """
    windows = CLASSES.get(method, (EVERYTHING_ELSE,))
    if SENDING not in windows or not (chat := _destination(payload) or chat):
        return windows
    in_chat = (*windows, Window(f"chat.{chat}", 4, SLACK))
    return (*in_chat, Window(f"day.{chat}", 7500, DAY)) if method == "create_message" else in_chat


def _destination(payload: dict[str, Any]) -> str:
    """Return the chat of a new message, named as in deliveries."""
    message = payload.get("message")
    if not isinstance(message, dict) or "entity_id" not in message:
        return ""
    kind = message.get("entity_type", "discussion")
    return f"{'chat' if kind == 'discussion' else kind}:{message['entity_id']}"[:64]


def _too_many(wait: float) -> ApiResponse:
    message = _("Pachca's rate limit is exhausted.")
    error = {
        "key": "base",
        "value": None,
        "message": message,
        "code": "rate_limit",
        "payload": None,
    }
    return ApiResponse(429, {"errors": [error]}, retry_after=wait)
