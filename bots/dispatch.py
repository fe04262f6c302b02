"""Handling an update: take the row, run its handler, commit the answers together with the end."""

import asyncio
import logging
import traceback
from datetime import timedelta
from functools import partial

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bots import handling
from bots.doorbell import ring
from bots.handling import Outcome, private
from bots.identity import author_of
from bots.jobs import LostClaim, State, kept
from bots.models import Delivery, Update

logger = logging.getLogger(__name__)

# Seconds to wait before each further attempt at an update whose handler raised.
PAUSES = (1, 5, 30)
MOST_CLAIMS = 2 * len(PAUSES)
LONGEST_TRACEBACK = 20_000


async def handle(update_id: int) -> None:
    """Handle the update if it is ours to take, then whatever waits behind it in the same chat.

    Harmless to call twice or for a row that is gone: only one caller gets the row.
    """
    update: Update | None = await sync_to_async(Update.objects.claim)(update_id)
    while update is not None:
        try:
            async with kept(update):
                await _work_on(update)
        except LostClaim:
            logger.warning("Update %s was taken over by another worker.", update.pk)
            return
        update = await sync_to_async(_claim_next)(update)


class WorkerDied(Exception):
    """Every worker that took this update ended in the middle of it."""


async def _work_on(update: Update) -> None:
    try:
        if update.attempts > MOST_CLAIMS:
            raise WorkerDied(WorkerDied.__doc__)
        async with asyncio.timeout(settings.BOTS_HANDLER_LIMIT):
            outcome = await handling.run(update)
    except LostClaim:
        raise
    except asyncio.CancelledError:
        # The process is to end: another one need not wait until the claim has run out.
        await asyncio.shield(sync_to_async(update.put_off)(timedelta(0)))
        raise
    except Exception as error:
        await sync_to_async(_failed)(update, error)
    else:
        await sync_to_async(_commit)(update, outcome)


@transaction.atomic
def _commit(update: Update, outcome: Outcome) -> None:
    update.finish(State.DONE, handler=outcome.handler, error="")
    for write in outcome.writes:
        write()
    _write(outcome.answers)


@transaction.atomic
def _failed(update: Update, error: Exception) -> None:
    told = "".join(traceback.format_exception(error))[-LONGEST_TRACEBACK:]
    logger.error("Update %s: the handler failed.", update.pk, exc_info=error)
    if update.attempts <= len(PAUSES):
        pause = PAUSES[update.attempts - 1]
        update.put_off(timedelta(seconds=pause), error=told)
        transaction.on_commit(lambda: ring("bots.handle_update", update.pk, delay=pause))
        return
    update.finish(State.FAILED, error=told)
    if person := author_of(update.payload):
        _write([private(update, person, _("Something went wrong here. We know about it."))])


def _write(answers: list[Delivery]) -> None:
    """Write the answers and ring for those who send them; one bell a chat."""
    for order, answer in enumerate(answers):
        answer.order = order
    Delivery.objects.bulk_create(answers)
    for address in {(answer.bot_id, answer.chat) for answer in answers}:
        transaction.on_commit(partial(ring, "bots.deliver", *address))


def _claim_next(update: Update) -> Update | None:
    """Take what waits behind `update` in its chat."""
    if not update.chat:
        return None
    waiting = Update.objects.open().filter(bot=update.bot_id, chat=update.chat)
    head = waiting.order_by("pk").values_list("pk", flat=True).first()
    taken: Update | None = Update.objects.claim(head) if head else None
    return taken
