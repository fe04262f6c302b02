"""How an update ends: done, together with its answers; to be tried again; or failed."""

import logging
import traceback
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from bots.handling import Outcome, private
from bots.identity import author_of
from bots.jobs import LostClaim, State
from bots.models import Delivery, Update
from jobs.doorbell import ring

logger = logging.getLogger(__name__)

# Seconds to wait before each further attempt at an update whose handler raised.
PAUSES = (1, 5, 30)
LONGEST_TRACEBACK = 20_000

# Has the calls that wait for a bot's chat sent.
Send = Callable[[int, str], None]


def ring_for_answers(bot_id: int, chat: str) -> None:
    """Have any worker send what waits for the chat."""
    ring("bots.deliver", bot_id, chat)


@transaction.atomic
def done(update: Update, outcome: Outcome, send: Send = ring_for_answers) -> None:
    """Write the end, the answers, and what goes on later; raises LostClaim.

    Once they are committed, `send` is called for each chat that is answered.
    """
    handler = outcome.handler or update.handler
    update.finish(State.DONE, handler=handler, error="")
    for write in outcome.writes:
        write()
    _write(outcome.answers, send)
    if outcome.goes_on:
        _go_on(update)


@transaction.atomic
def tried(update: Update, error: Exception) -> None:
    """Have the update tried again after a while, or give it up when it has been often enough."""
    if update.attempts > len(PAUSES):
        given_up(update, error, _("Something went wrong here. We know about it."))
        return
    logger.warning("Update %s: the handler failed.", update.pk, exc_info=error)
    pause = PAUSES[update.attempts - 1]
    update.put_off(timedelta(seconds=pause), error=_told(error))
    transaction.on_commit(lambda: ring("bots.handle_update", update.pk, delay=pause))


@transaction.atomic
def given_up(update: Update, error: Exception, apology: str) -> None:
    """Write that the update has failed, and apologise to the person whom it came from."""
    logger.error("Update %s has failed.", update.pk, exc_info=error)
    update.finish(State.FAILED, error=_told(error))
    if apology and (person := author_of(update.payload)):
        _write([private(update, person, apology)])


@transaction.atomic
def given_back(update: Update) -> None:
    """Leave the update to whoever takes it next, as if nobody had had it.

    Nobody need wait until the claim has run out; one that is lost already is let be.
    """
    with suppress(LostClaim):
        update.put_off(timedelta(0), attempts=0)
        _ring_on_commit(update)


def ring_for_next(update: Update) -> None:
    """Ring for what has waited in the chat for this update to end."""
    if following := update.next_in_chat():
        ring("bots.handle_update", following)


def _go_on(update: Update) -> None:
    """Leave the lazy parts of the update's handler to a worker: they are a row of their own.

    They take long, so they belong to no chat: what comes there next does not wait for them.
    """
    rest = Update.objects.create(
        bot=update.bot,
        key=f"lazy:{uuid.uuid4().hex}",
        kind=update.kind,
        raw=update.raw,
        handler=update.handler,
        continues=update,
    )
    _ring_on_commit(rest)


def _told(error: Exception) -> str:
    return "".join(traceback.format_exception(error))[-LONGEST_TRACEBACK:]


def _ring_on_commit(update: Update) -> None:
    transaction.on_commit(lambda: ring("bots.handle_update", update.pk))


def _write(answers: list[Delivery], send: Send = ring_for_answers) -> None:
    """Write the answers and have them sent, each chat's together."""
    for order, answer in enumerate(answers):
        answer.order = order
    Delivery.objects.bulk_create(answers)
    for address in {(answer.bot_id, answer.chat) for answer in answers}:
        transaction.on_commit(partial(send, *address))
