"""Deduplication of sends: searches the chat for the message of an earlier attempt.

Pachca has no idempotency keys.
"""

from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from asgiref.sync import sync_to_async

from bots.framework.api import Api, ApiResponse, NoAnswer
from bots.framework.events.types import Message
from bots.models import Delivery
from bots.models.jobs import State

CLOCKS_DIFFER = timedelta(seconds=60)


class StillUnavailable(Exception):
    """Pachca does not respond to reads either, so the call was not repeated."""

    def __init__(self, reason: str, response: ApiResponse | None = None) -> None:
        super().__init__(reason)
        self.response = response


async def find_arrived(api: Api, delivery: Delivery) -> dict[str, Any] | None:
    """Return the message that an earlier attempt has created in the chat, or None.

    Returns None if the chat is unknown or may not be read: a duplicate is better than a loss.
    Raises StillUnavailable if reading fails too, because the call is not the cause then.
    """
    is_message = delivery.method == "create_message"
    chat_id = await sync_to_async(_chat_id)(delivery) if is_message else None
    if chat_id is None:
        await _read(api, "get_profile")
        return None
    response = await _read(api, "list_chat_messages", {"chat_id": chat_id, "limit": 50})
    if not response.ok:
        return None
    return await sync_to_async(_left_by)(delivery, response.data or [])


async def _read(api: Api, method: str, payload: dict[str, Any] | None = None) -> ApiResponse:
    try:
        response = await api.call(method, payload)
    except NoAnswer as error:
        raise StillUnavailable(str(error)) from error
    if response.status in (401, 429) or response.status >= 500:
        raise StillUnavailable(f"Pachca answered {response.status}", response)
    return response


def _chat_id(delivery: Delivery) -> int | None:
    """Return the id of the chat of the call, if known."""
    address = delivery.payload.get("message", {})
    if address.get("entity_type") == "discussion":
        return int(address["entity_id"])
    if delivery.update is not None:
        asked = Message.read(delivery.update.payload)
        if asked.entity_type == "user" and delivery.chat == f"user:{asked.user_id}":
            return asked.chat_id  # it was asked in the very chat where it is answered
    before = Delivery.objects.filter(bot=delivery.bot_id, chat=delivery.chat, state=State.DONE)
    known = (
        before.exclude(message_id=None).order_by("-pk").values_list("response", flat=True).first()
    )
    data = known.get("data") if isinstance(known, dict) else None
    return data.get("chat_id") if isinstance(data, dict) else None


def _left_by(delivery: Delivery, messages: list[dict[str, Any]]) -> dict[str, Any] | None:
    since = delivery.created_at - CLOCKS_DIFFER
    same = [
        message
        for message in messages
        if message["user_id"] == delivery.bot.pachca_user_id
        and message["content"] == delivery.payload["message"]["content"]
        and datetime.fromisoformat(message["created_at"]) >= since
    ]
    ids = [message["id"] for message in same]
    others = set(Delivery.objects.filter(message_id__in=ids).values_list("message_id", flat=True))
    # The oldest one that belongs to no other call: equal replies are separate messages.
    return min((it for it in same if it["id"] not in others), key=itemgetter("id"), default=None)
