"""Handling an update while Pachca waits: buttons that open forms, and forms that are checked.

Pachca gives 3 s for both. What is too late, or fails in a form, is not tried again: the person is
told, and does it again.

The order of the chat holds here too: what came before is waited for, as far as there is time.
"""

import asyncio
import logging
import time

from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils.translation import gettext as _

from bots import ending, handling
from bots.identity import FORM
from bots.jobs import LostClaim
from bots.models import Update

logger = logging.getLogger(__name__)

# Seconds between two looks at whether what came before in the chat has ended.
LOOK = 0.05

# What a submitted form is told, by the names of its fields; nothing closes it.
Errors = dict[str, str]


class ChatBusy(Exception):
    """What came before in the same chat has not ended yet."""


async def handle(update_id: int) -> Errors:
    """Handle an update that was stored as taken by this process; return what its form is told.

    Whatever happens, it returns within settings.BOTS_INLINE_LIMIT, as far as the handler waits
    on the loop. Where the chat is busy for half that time a press is left to the workers.
    """
    update = await sync_to_async(Update.objects.claimed)(update_id)
    if update is None:
        return {}
    try:
        errors = await _work_on(update)
    except LostClaim:
        logger.warning("Update %s was taken over by a worker.", update.pk)
        return {}
    except asyncio.CancelledError:
        await asyncio.shield(sync_to_async(ending.given_back)(update))
        raise
    await sync_to_async(ending.ring_for_next)(update)
    return errors


async def _work_on(update: Update) -> Errors:
    try:
        async with asyncio.timeout(settings.BOTS_INLINE_LIMIT):
            await _turn_of(update)
            outcome = await handling.run(update)
        await sync_to_async(ending.done)(update, outcome)
    except LostClaim:
        raise
    except ChatBusy as error:
        if update.kind == FORM:
            return await _given_up(update, error, busy())
        await sync_to_async(ending.given_back)(update)
        return {}
    except TimeoutError as error:
        return await _given_up(update, error, too_late())
    except Exception as error:
        if update.kind == FORM:
            return await _given_up(update, error, _("Something went wrong here. Try again later."))
        await sync_to_async(ending.tried)(update, error)
        return {}
    return outcome.errors


async def _turn_of(update: Update) -> None:
    """Wait until the update is the first in its chat; raises ChatBusy."""
    given_up_at = time.monotonic() + settings.BOTS_INLINE_LIMIT / 2
    while await sync_to_async(update.next_in_chat)() not in (update.pk, None):
        if time.monotonic() > given_up_at:
            raise ChatBusy(ChatBusy.__doc__)
        await asyncio.sleep(LOOK)


async def _given_up(update: Update, error: Exception, apology: str) -> Errors:
    """Tell the person in the form, where there is one, else in the chat."""
    errors = in_form(update, apology)
    await sync_to_async(ending.given_up)(update, error, "" if errors else apology)
    return errors


def in_form(update: Update, text: str) -> Errors:
    """Return how to say the text in the form that was submitted, nothing for what is no form."""
    if update.kind != FORM:
        return {}
    # Errors are shown at a field, so it has to be some field of this form.
    data = update.payload.get("data")
    return {next(iter(data), "base") if isinstance(data, dict) else "base": text}


def too_late() -> str:
    return _("This took too long, and was stopped. Try again.")


def busy() -> str:
    return _("What was written here before is still being handled. Try again in a moment.")
