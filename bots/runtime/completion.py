"""How an update ends: done, together with its answers; to be tried again; or failed."""

import logging
import traceback
import uuid
from contextlib import suppress
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured, SynchronousOnlyOperation
from django.db import transaction
from django.utils.translation import gettext as _

from bots.framework.api import UnknownMethod
from bots.framework.events.errors import BadAnswer, NobodyToAnswer, NoMessage
from bots.framework.events.identity import author_of
from bots.models import Delivery, Update
from bots.models.jobs import LostClaim, State
from bots.runtime.delivery import start_delivery
from bots.runtime.execution import Outcome, private
from bots.signals import handler_failed
from jobs.doorbell import ring
from jobs.rows import MAX_RETRIES, RETRY_BACKOFF

logger = logging.getLogger(__name__)

MAX_TRACEBACK = 20_000

# What the same code raises again for the same update. A developer sees it at once; in production
# it is tried again all the same, because a deployment may mend it meanwhile.
PROGRAMMING_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    FieldError,
    ImportError,
    ImproperlyConfigured,
    LookupError,
    NameError,
    NoMessage,
    NobodyToAnswer,
    NotImplementedError,
    SynchronousOnlyOperation,
    TypeError,
    UnknownMethod,
    ValueError,
)


@transaction.atomic
def complete(update: Update, outcome: Outcome) -> None:
    """Write the end, the answers, and what runs later; raises LostClaim.

    After the commit the answers are delivered, by this process if it is a worker with room.
    """
    handler = outcome.handler or update.handler
    problems = "\n".join(outcome.problems)
    if problems:
        logger.warning("Update %s: %s: %s", update.pk, handler, problems)
    update.finish(State.DONE, handler=handler, error=problems)
    for write in outcome.writes:
        write()
    _write_deliveries(outcome.answers)
    if outcome.has_lazy_parts:
        _queue_lazy_parts(update)
    if problems:
        _announce_failure(update)


@transaction.atomic
def retry_or_fail(update: Update, error: Exception) -> None:
    """Retry the update after a pause, or give it up after MAX_RETRIES.

    A bad answer would be as bad the next time, so it is given up at once; while DEBUG is on, so are
    programming errors.
    """
    if isinstance(error, BadAnswer):
        fail(update, error, error.apology)
        return
    is_hopeless = settings.DEBUG and isinstance(error, PROGRAMMING_ERRORS)
    if is_hopeless or update.attempts > MAX_RETRIES:
        fail(update, error, _("Something went wrong. The error has been logged."))
        return
    logger.warning("Update %s: the handler failed.", update.pk, exc_info=error)
    pause = RETRY_BACKOFF.delay(update.attempts)
    update.postpone(timedelta(seconds=pause), error=_format_traceback(error))
    transaction.on_commit(lambda: ring("bots.handle_update", update.pk, delay=pause))
    _announce_failure(update)


@transaction.atomic
def fail(update: Update, error: Exception, apology: str) -> None:
    """Write that the update has failed, and apologise to the person whom it came from."""
    logger.error("Update %s has failed.", update.pk, exc_info=error)
    update.finish(State.FAILED, error=_format_traceback(error))
    if apology and (person := author_of(update.payload)):
        _write_deliveries([private(update, person, apology)])
    _announce_failure(update)


@transaction.atomic
def reject(update: Update, reason: str) -> None:
    """Store that a form must be submitted again because its chat is busy."""
    logger.info("Update %s was turned away: %s", update.pk, reason)
    update.finish(State.FAILED, error=reason)


@transaction.atomic
def release(update: Update) -> None:
    """Release the update at once, as if it had never been claimed; does nothing if it is lost."""
    with suppress(LostClaim):
        update.postpone(timedelta(0), attempts=0)
        _ring_on_commit(update)


def ring_for_next(update: Update) -> None:
    """Ring for what has waited in the chat for this update to end."""
    if following := update.next_in_chat():
        ring("bots.handle_update", following)


def _queue_lazy_parts(update: Update) -> None:
    """Leave the lazy parts of the update's handler to a worker, as a row of their own.

    They take long, so they belong to no chat: its next updates do not wait for them.
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


def _announce_failure(update: Update) -> None:
    transaction.on_commit(lambda: handler_failed.send_robust(Update, update=update))


def _format_traceback(error: Exception) -> str:
    return "".join(traceback.format_exception(error))[-MAX_TRACEBACK:]


def _ring_on_commit(update: Update) -> None:
    transaction.on_commit(lambda: ring("bots.handle_update", update.pk))


def _write_deliveries(answers: list[Delivery]) -> None:
    """Write the answers, and start to deliver them after the commit, by chat."""
    for order, answer in enumerate(answers):
        answer.order = order
    Delivery.objects.bulk_create(answers)
    for bot_id, chat in {(answer.bot_id, answer.chat) for answer in answers}:
        transaction.on_commit(partial(start_delivery, bot_id, chat))
