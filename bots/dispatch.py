"""Taking updates: one after the other in a chat, within limits, each by one worker at a time."""

import asyncio
import logging
from collections.abc import Awaitable

from asgiref.sync import sync_to_async
from django.conf import settings

from bots import ending, handling
from bots.ending import PAUSES, Send, ring_for_answers
from bots.handling import Outcome
from bots.jobs import LostClaim, kept
from bots.models import Update

logger = logging.getLogger(__name__)

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
        try:
            async with kept(update):
                await _work_on(update, send)
        except LostClaim:
            logger.warning("Update %s is left to another worker.", update.pk)
            return
        except asyncio.CancelledError:
            await asyncio.shield(sync_to_async(ending.given_back)(update))
            raise
        update = await sync_to_async(_claim_next)(update)


async def _work_on(update: Update, send: Send) -> None:
    try:
        if update.attempts > MOST_CLAIMS:
            raise WorkerDied(WorkerDied.__doc__)
        async with asyncio.timeout(settings.BOTS_HANDLER_LIMIT):
            outcome = await _outcome(update)
        await sync_to_async(ending.done)(update, outcome, send)
    except LostClaim:
        raise
    except Exception as error:
        await sync_to_async(ending.tried)(update, error)


def _outcome(update: Update) -> Awaitable[Outcome]:
    is_rest = update.continues_id is not None
    return handling.go_on(update, update.handler) if is_rest else handling.run(update)


def _claim_next(update: Update) -> Update | None:
    """Take what waits behind `update` in its chat."""
    return Update.objects.claim_first(update.bot_id, update.chat) if update.chat else None
