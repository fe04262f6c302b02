"""Handling of updates while Pachca waits: buttons that open forms, and submitted forms.

Pachca waits 3 s for both. Updates that are too late, or fail in a form, are not retried: the person
gets a message and can repeat the action.

Updates of a chat are handled in order here too: earlier ones are awaited as long as time permits.
"""

import asyncio
import logging
import time

from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils.translation import gettext as _

from bots.framework.events.errors import BadAnswer
from bots.framework.events.identity import FORM
from bots.models import Update
from bots.models.jobs import LostClaim
from bots.runtime import completion, execution
from jobs.runner import fail_if_cancelled_inside

logger = logging.getLogger(__name__)

# Seconds between two checks whether earlier updates of the chat have ended.
POLL_INTERVAL = 0.05

# The errors of a submitted form by names of fields; {} closes it.
Errors = dict[str, str]


class ChatBusy(Exception):
    """An earlier update of the chat has not ended yet."""


async def handle(update_id: int) -> Errors:
    """Handle an update that this process has claimed. Return the errors of its form.

    Returns within settings.BOTS_INLINE_LIMIT, unless the handler blocks the loop. If the chat is
    busy for half of that time, a press is left to the workers.
    """
    update = await sync_to_async(Update.objects.load_claimed)(update_id)
    if update is None:
        return {}
    try:
        errors = await _work_on(update)
    except LostClaim:
        logger.warning("Update %s was taken over by a worker.", update.pk)
        return {}
    except asyncio.CancelledError:
        await asyncio.shield(sync_to_async(completion.release)(update))
        raise
    await sync_to_async(completion.ring_for_next)(update)
    return errors


async def _work_on(update: Update) -> Errors:
    try:
        async with asyncio.timeout(settings.BOTS_INLINE_LIMIT):
            await _wait_for_turn(update)
            outcome = await fail_if_cancelled_inside(execution.run(update))
        await sync_to_async(completion.complete)(update, outcome)
    except LostClaim:
        raise
    except ChatBusy as error:
        if update.kind == FORM:
            await sync_to_async(completion.reject)(update, str(error))
            return in_form(update, busy())
        await sync_to_async(completion.release)(update)
        return {}
    except TimeoutError as error:
        return await _fail(update, error, too_late())
    except Exception as error:
        if update.kind == FORM:
            message = error.apology if isinstance(error, BadAnswer) else ""
            message = message or _("Something went wrong. Try again later.")
            return await _fail(update, error, message)
        await sync_to_async(completion.retry_or_fail)(update, error)
        return {}
    return outcome.errors


async def _wait_for_turn(update: Update) -> None:
    """Wait until the update is the first open one of its chat. Raises ChatBusy."""
    given_up_at = time.monotonic() + settings.BOTS_INLINE_LIMIT / 2
    while await sync_to_async(update.next_in_chat)() not in (update.pk, None):
        if time.monotonic() > given_up_at:
            raise ChatBusy(ChatBusy.__doc__)
        await asyncio.sleep(POLL_INTERVAL)


async def _fail(update: Update, error: Exception, apology: str) -> Errors:
    """Send the message to the person: as an error of the form, or in the chat."""
    errors = in_form(update, apology)
    await sync_to_async(completion.fail)(update, error, "" if errors else apology)
    return errors


def in_form(update: Update, text: str) -> Errors:
    """Return the text as an error of the submitted form, {} for other updates."""
    if update.kind != FORM:
        return {}
    # An error must belong to a field of the form.
    data = update.payload.get("data")
    return {next(iter(data), "base") if isinstance(data, dict) else "base": text}


def too_late() -> str:
    return _("This took too long and was stopped. Try again.")


def busy() -> str:
    return _("The previous message is still being handled. Try again in a moment.")
