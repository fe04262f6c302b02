"""Sending: the calls of one chat, one after the other, and none twice as far as can be known."""

import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter
from typing import Any

from asgiref.sync import sync_to_async

from bots.api import (
    Api,
    ApiError,
    ApiResponse,
    BadParameters,
    NoAnswer,
    NotSent,
    UnknownMethod,
    describe,
)
from bots.api.audio import NotAudio
from bots.api.files import FileTooLarge
from bots.jobs import LostClaim, State, kept
from bots.models import Delivery
from bots.outgoing import delivery_api_of
from bots.preparing import prepare
from bots.types import Message
from jobs.doorbell import ring

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 300.0
# A call that fails time and again may be at fault itself, and holds up its chat.
MOST_ATTEMPTS = 10
# Where Pachca is away or asks to wait it is not: about a day.
MOST_WAITS = 24 * 3600 // int(LONGEST_PAUSE)
CLOCKS_DIFFER = timedelta(seconds=60)
# No further attempt will make a file that is gone or unfit any better.
HOPELESS = (BadParameters, FileTooLarge, NotAudio, FileNotFoundError)

End = Callable[[Delivery], None]


async def deliver(bot_id: int, chat: str) -> None:
    """Send what is due in the chat, oldest first; stop where one has to wait.

    Harmless to call twice: whoever holds the first call of a chat holds the chat.
    """
    delivery = await sync_to_async(Delivery.objects.claim_first)(bot_id, chat)
    while delivery is not None:
        delivery = await _delivered(delivery)


async def _delivered(delivery: Delivery) -> Delivery | None:
    """Make the call, and return the one that is taken next in its chat."""
    try:
        async with kept(delivery):
            end = await _sent(delivery)
        return await sync_to_async(_end_and_claim_next)(delivery, end)
    except LostClaim:
        logger.warning("Delivery %s is left to another worker.", delivery.pk)
        return None


def _end_and_claim_next(delivery: Delivery, end: End) -> Delivery | None:
    """Do both at once: to go to a thread and back costs more than either."""
    end(delivery)
    return Delivery.objects.claim_first(delivery.bot_id, delivery.chat)


async def _sent(delivery: Delivery) -> End:
    """Make the call, and return how the delivery is to end."""
    try:
        return partial(_record, response=await _call(delivery))
    except NotSent as error:
        return partial(_again, error=f"Could not connect: {error}", most=MOST_WAITS)
    except NoAnswer as error:
        return partial(_again, error=f"No answer: {error}", may_have_arrived=True)
    except UnknownMethod as error:
        return partial(_failed, error=f"There is no method {error}.")
    except HOPELESS as error:
        return partial(_failed, error=f"{type(error).__name__}: {error}")
    except LostClaim:
        raise
    except Exception as error:
        logger.exception("Delivery %s could not be made.", delivery.pk)
        return partial(_again, error=f"{type(error).__name__}: {error}", may_have_arrived=True)


async def _call(delivery: Delivery) -> ApiResponse:
    api = delivery_api_of(delivery.bot, delivery.chat)
    if delivery.may_have_arrived and (message := await _already_there(api, delivery)):
        return ApiResponse(201, {"data": message})
    try:
        await prepare(api, delivery)
    except ApiError as refusal:
        return refusal.response
    return await api.call(delivery.method, delivery.payload)


def _record(delivery: Delivery, response: ApiResponse) -> None:
    answer: dict[str, Any] = {"status": response.status, "response": response.body}
    if response.ok:
        message_id = response.data.get("id") if isinstance(response.data, dict) else None
        arrived = {"may_have_arrived": False, "message_id": message_id}
        delivery.finish(State.DONE, error="", **arrived, **answer)
    elif response.status == 429:
        pause = response.retry_after
        told = {"may_have_arrived": False, **answer}
        _again(delivery, "Too many calls.", pause, MOST_WAITS, **told)
    elif response.status >= 500:
        told = {"may_have_arrived": True, **answer}
        _again(delivery, f"Pachca answered {response.status}.", **told)
    else:
        _failed(delivery, describe(response), may_have_arrived=False, **answer)


def _failed(delivery: Delivery, error: str, **changes: Any) -> None:
    delivery.finish(State.FAILED, error=error, **changes)


def _again(
    delivery: Delivery,
    error: str,
    pause: float | None = None,
    most: int = MOST_ATTEMPTS,
    **changes: Any,
) -> None:
    """Put the call off, or give it up after the `most` attempts."""
    if delivery.attempts >= most:
        _failed(delivery, error, **changes)
        return
    if pause is None:
        pause = 2 ** min(delivery.attempts - 1, 10) * random.uniform(0.75, 1.25)  # noqa: S311  jitter
    pause = min(pause, LONGEST_PAUSE)
    delivery.put_off(timedelta(seconds=pause), error=error, **changes)
    ring("bots.deliver", delivery.bot_id, delivery.chat, delay=pause)


async def _already_there(api: Api, delivery: Delivery) -> dict[str, Any] | None:
    """Return the message that an earlier attempt left in the chat, if one did.

    Sends have no idempotency key, so the chat itself is asked. Where the chat is not known yet,
    None: better said twice than lost.
    """
    chat_id = await sync_to_async(_chat_id)(delivery)
    if delivery.method != "create_message" or chat_id is None:
        return None
    response = await api.call("list_chat_messages", {"chat_id": chat_id, "limit": 50})
    if not response.ok:
        raise NoAnswer(f"the chat could not be read ({response.status})")
    return await sync_to_async(_left_by)(delivery, response.data or [])


def _chat_id(delivery: Delivery) -> int | None:
    """Return the id of the chat that the call goes to, as far as it can be known."""
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
    chat_id: int | None = known["data"].get("chat_id") if known else None
    return chat_id


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
    # The oldest that no other call accounts for: two equal answers in a row are two messages.
    return min((it for it in same if it["id"] not in others), key=itemgetter("id"), default=None)
