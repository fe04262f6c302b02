"""Keeping to Pachca's limits, so that it need not say 429."""

import hashlib
import random
from typing import Any

from django.utils.translation import gettext as _

from bots.api import ApiResponse, Call, Signal, Transformer, pause
from bots.models import Bot
from bots.transformers.limiter import SharedLimiter, Window, limiter

DAY = 24 * 3600
# A little longer than Pachca's: calls that leave evenly may arrive in a bunch.
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
LONGEST = 60.0


def throttle(
    bot: Bot, longest: float = LONGEST, shared: SharedLimiter | None = None, chat: str = ""
) -> Transformer:
    """Hold calls back until Pachca's limits allow them; all processes count together.

    `chat` is where the messages are that are edited or deleted.
    A call that would have to wait longer than `longest` seconds, as after 7,500 messages to one
    chat in a day, is answered at once: 429 with the time to wait.
    """
    token = hashlib.blake2b(bot.token.encode(), digest_size=12).hexdigest()

    async def throttled(
        prev: Call, method: str, payload: dict[str, Any], signal: Signal | None
    ) -> ApiResponse:
        windows = windows_of(method, payload, chat)
        waited = 0.0
        while windows and (wait := await (shared or limiter()).take(token, windows)):
            if waited + wait > longest:
                return _too_many(wait)
            # Not all that wait come back at one moment.
            wait *= random.uniform(1, 1.1)  # noqa: S311
            await pause(wait, signal)
            waited += wait
        return await prev(method, payload, signal)

    return throttled


def windows_of(method: str, payload: dict[str, Any], chat: str = "") -> tuple[Window, ...]:
    """Return the limits that count the call.

    An edit or a deletion does not say where its message is: it counts in `chat`, where that is
    known.
    """
    windows = CLASSES.get(method, (EVERYTHING_ELSE,))
    if SENDING not in windows or not (chat := _addressed(payload) or chat):
        return windows
    in_chat = (*windows, Window(f"chat.{chat}", 4, SLACK))
    return (*in_chat, Window(f"day.{chat}", 7500, DAY)) if method == "create_message" else in_chat


def _addressed(payload: dict[str, Any]) -> str:
    """Return the chat that the message is sent to, by the name that deliveries have for it."""
    message = payload.get("message")
    if not isinstance(message, dict) or "entity_id" not in message:
        return ""
    kind = message.get("entity_type", "discussion")
    return f"{'chat' if kind == 'discussion' else kind}:{message['entity_id']}"[:64]


def _too_many(wait: float) -> ApiResponse:
    told = _("The limits of Pachca are used up.")
    error = {"key": "base", "value": None, "message": told, "code": "rate_limit", "payload": None}
    return ApiResponse(429, {"errors": [error]}, retry_after=wait)
