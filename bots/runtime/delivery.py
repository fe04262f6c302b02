"""Deliver the calls of each chat in order, and repeat none that is known to have arrived."""

import logging
from datetime import timedelta
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _

from bots.framework.api import (
    ApiError,
    ApiResponse,
    BadParameters,
    BadTransformer,
    NoAnswer,
    NotSent,
    UnknownMethod,
    describe,
)
from bots.framework.api.audio import NotAudio
from bots.framework.api.files import FileTooLarge
from bots.framework.events.identity import is_id
from bots.models import Delivery
from bots.models.jobs import State
from bots.runtime import loop, outages
from bots.runtime.deduplication import StillUnavailable, find_arrived
from bots.runtime.outgoing import delivery_api_of
from bots.runtime.preparation import prepare
from core.backoff import Backoff
from jobs.doorbell import ring
from jobs.runner import Runner

logger = logging.getLogger(__name__)

# A call that fails time and again may be at fault itself, and holds up its chat. An attempt that
# certainly did not reach Pachca, or that Pachca asks to make later, is a wait: those are given up
# by the time since the first of them, settings.BOTS_GIVE_UP_HOURS. Time in which no worker ran is
# no reason to give up, so there must have been some attempts.
MAX_FAILURES = 10
MIN_ATTEMPTS = 20
# Seconds before the next attempt: after a failure, after a wait, and where Pachca asks for more.
FAILURE_BACKOFF = Backoff(first=1, cap=300, jitter=0.25)
WAIT_BACKOFF = Backoff(first=1, cap=60, jitter=0.25)
MAX_ASKED_PAUSE = 300.0
# So many times `Retry-After` alone decides; after that the pauses grow.
WAITS_AS_ASKED = 5
# No further attempt can succeed: the file is gone or unfit, or the code is wrong.
HOPELESS = (BadParameters, BadTransformer, FileTooLarge, NotAudio, FileNotFoundError)


class WorkerDied(Exception):
    """Every worker that made this call was killed."""


class DeliveryRunner(Runner[Delivery, ApiResponse]):
    """Makes the calls; none leaves once the lease is lost (`guards` of bots.framework.api)."""

    async def run(self, job: Delivery) -> ApiResponse:
        if job.failures >= MAX_FAILURES:
            raise WorkerDied(job.error or _("Every worker that made this call was killed."))
        return await _call(job)

    def complete(self, job: Delivery, result: ApiResponse) -> None:
        _record(job, result)

    def fail(self, job: Delivery, error: Exception) -> None:
        match error:
            case StillUnavailable():
                _wait(job, _("%s; not retried yet.") % error, error.response)
            case NotSent():
                _wait(job, _("Could not connect: %s") % error)
            case NoAnswer():
                _retry(job, _("No response: %s") % error)
            case WorkerDied():
                _fail(job, str(error))
            case UnknownMethod():
                _fail(job, _("There is no method %s.") % error)
            case _ if isinstance(error, HOPELESS):
                _fail(job, f"{type(error).__name__}: {error}")
            case _:
                logger.error("Delivery %s could not be made.", job.pk, exc_info=error)
                _retry(job, f"{type(error).__name__}: {error}")

    def fail_to_complete(self, job: Delivery, error: Exception) -> None:
        """Give the call up: Pachca has answered, so another attempt might say everything twice."""
        if isinstance(error, OperationalError | InterfaceError):
            raise error  # the database is down: the call ends as the lease does
        logger.error("Delivery %s: the outcome could not be stored.", job.pk, exc_info=error)
        _fail(job, _("The result could not be stored: %s") % f"{type(error).__name__}: {error}")

    def claim_next(self, job: Delivery) -> Delivery | None:
        return Delivery.objects.claim_first(job.bot_id, job.chat)


runner = DeliveryRunner()


async def deliver(bot_id: int, chat: str) -> None:
    """Deliver what is due in the chat, oldest first, up to the first call that has to wait.

    Harmless to call twice: a claim on the first call of a chat is a claim on the chat.
    """
    await runner.work(await sync_to_async(Delivery.objects.claim_first)(bot_id, chat))


def start_delivery(bot_id: int, chat: str) -> None:
    """Deliver what is due in the chat: here, if a worker calls this and has room; else by any."""
    if not loop.offer(partial(deliver, bot_id, chat)):
        ring("bots.deliver", bot_id, chat)


async def _call(delivery: Delivery) -> ApiResponse:
    api = delivery_api_of(delivery.bot, delivery.chat)
    if delivery.may_have_arrived and (message := await find_arrived(api, delivery)):
        return ApiResponse(201, {"data": message})
    try:
        await prepare(api, delivery)
    except ApiError as refusal:
        return refusal.response
    return await api.call(delivery.method, delivery.payload)


# --- how an attempt ends -------------------------------------------------------------------------


def _record(delivery: Delivery, response: ApiResponse) -> None:
    """End the attempt as Pachca has answered it."""
    answer: dict[str, Any] = {"status": response.status, "response": response.body}
    if response.status < 500 and response.status != 401:
        outages.report_contact(delivery.bot)
    if response.ok:
        message_id = response.data.get("id") if isinstance(response.data, dict) else None
        arrived = {
            "may_have_arrived": False,
            "message_id": message_id if is_id(message_id) else None,
        }
        delivery.finish(State.DONE, error="", **arrived, **answer)
    elif response.status in (401, 429):
        _wait(delivery, _reason(response), response, may_have_arrived=False, **answer)
    elif response.status >= 500:
        _retry(delivery, _status(response), **answer)
    else:
        _fail(delivery, _reason(response), may_have_arrived=False, **answer)


def _reason(response: ApiResponse) -> str:
    return describe(response) or _status(response)


def _status(response: ApiResponse) -> str:
    return _("Pachca responded with status %d.") % response.status


def _wait(
    delivery: Delivery, error: str, answered: ApiResponse | None = None, **changes: Any
) -> None:
    """Postpone a call that has not reached Pachca, or that Pachca asks to make later.

    A rejected token is waited out too: it is not the call's fault, and a new one can be entered.
    """
    is_limit = answered is not None and answered.status == 429
    now = timezone.now()
    since = delivery.waiting_since or now
    if not is_limit and delivery.waiting_since is not None:
        outages.report_outage(delivery.bot, error)
    too_long = now - since > timedelta(hours=settings.BOTS_GIVE_UP_HOURS)
    if too_long and delivery.attempts >= MIN_ATTEMPTS:
        _fail(delivery, error, **changes)
        return
    asked = answered.retry_after if answered is not None else None
    if asked is None:
        pause = WAIT_BACKOFF.delay(delivery.attempts)
    else:
        longer = WAIT_BACKOFF.delay(delivery.attempts - WAITS_AS_ASKED)
        pause = min(max(asked, longer), MAX_ASKED_PAUSE)
    _postpone(delivery, pause, error=error, waiting_since=since, **changes)


def _retry(delivery: Delivery, error: str, **changes: Any) -> None:
    """Postpone a call that may have reached Pachca, or give it up after MAX_FAILURES of these."""
    failures = delivery.failures + 1
    changes |= {"failures": failures, "may_have_arrived": True}
    if failures >= MAX_FAILURES:
        _fail(delivery, error, **changes)
        return
    _postpone(delivery, FAILURE_BACKOFF.delay(failures), error=error, **changes)


def _fail(delivery: Delivery, error: str, **changes: Any) -> None:
    logger.error("Delivery %s of %s has failed: %s", delivery.pk, delivery.bot.slug, error)
    delivery.finish(State.FAILED, error=error, **changes)


def _postpone(delivery: Delivery, pause: float, **changes: Any) -> None:
    delivery.postpone(timedelta(seconds=pause), **changes)
    ring("bots.deliver", delivery.bot_id, delivery.chat, delay=pause)
