"""Taking updates: one after the other in a chat, within limits, each by one worker at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from asgiref.sync import sync_to_async
from django.conf import settings

from bots import ending, handling
from bots.ending import PAUSES, Send, ring_for_answers
from bots.handling import Outcome
from bots.jobs import LostClaim, kept
from bots.models import Update

logger = logging.getLogger(__name__)

End = Callable[[Update], None]

MOST_CLAIMS = 2 * len(PAUSES)


class WorkerDied(Exception):
    """Every worker that took this update ended in the middle of it."""


async def handle(update_id: int, send: Send = ring_for_answers) -> None:
    """Handle the update if it is ours to take, then whatever waits behind it in the same chat.

    Harmless to call twice or for a row that is gone: only one caller gets the row. The answers are
    written, and `send` is called for their chats.
    """
    update: Update | None = await sync_to_async(Update.objects.claim)(update_id)
    while update is not None:
        update = await _handled(update, send)


async def _handled(update: Update, send: Send) -> Update | None:
    """Handle the update, and return what is taken next in its chat."""
    try:
        async with kept(update):
            end = await _worked_on(update, send)
        return await sync_to_async(_end_and_claim_next)(update, end)
    except LostClaim:
        logger.warning("Update %s is left to another worker.", update.pk)
        return None
    except asyncio.CancelledError:
        await asyncio.shield(sync_to_async(ending.given_back)(update))
        raise


async def _worked_on(update: Update, send: Send) -> End:
    """Run the update's handler, and return how the update is to end."""
    try:
        if update.attempts > MOST_CLAIMS:
            raise WorkerDied(WorkerDied.__doc__)
        async with asyncio.timeout(settings.BOTS_HANDLER_LIMIT):
            return partial(ending.done, outcome=await _outcome(update), send=send)
    except LostClaim:
        raise
    except Exception as error:
        return partial(ending.tried, error=error)


def _outcome(update: Update) -> Awaitable[Outcome]:
    is_rest = update.continues_id is not None
    return handling.go_on(update, update.handler) if is_rest else handling.run(update)


def _end_and_claim_next(update: Update, end: End) -> Update | None:
    """End the update and take what waits behind it in its chat.

    An end that cannot be written, as with an answer that no column holds, is a failure like any
    other.
    """
    try:
        end(update)
    except LostClaim:
        raise
    except Exception as error:
        ending.tried(update, error)
    return Update.objects.claim_first(update.bot_id, update.chat) if update.chat else None
