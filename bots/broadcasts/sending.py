"""Sending of broadcasts: collect the recipients, then write a few deliveries at a time.

The rows say how far a broadcast has come, so it continues after any crash: a delivery and the mark
that its recipient has one are written in one transaction.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone

from bots.framework.api import Api, ApiError, FileTooLarge, NoAnswer, attachments
from bots.framework.api.audio import NotAudio
from bots.models import Audience, Broadcast, Delivery, PachcaAccount, Recipient, Stage
from bots.models.jobs import MAX_CLAIM_COUNT, OPEN
from bots.runtime.outgoing import checking_api_of, delivery_api_of
from jobs.doorbell import ring
from jobs.runner import Runner

logger = logging.getLogger(__name__)

# Less than Pachca lets a bot send in five seconds: answers to people get through beside them.
MAX_IN_FLIGHT = 20
PAUSE = timedelta(seconds=2)
RETRY_PAUSE = timedelta(seconds=10)
BATCH = 500
HOPELESS = (ApiError, FileTooLarge, NotAudio, FileNotFoundError)


class BroadcastRunner(Runner[Broadcast, list[dict[str, Any]]]):
    """Collects the recipients and uploads the files, then writes a batch of deliveries per claim.

    The result is the files as deliveries refer to them.
    """

    async def run(self, job: Broadcast) -> list[dict[str, Any]]:
        if job.stage == Stage.RUNNING:
            return list(job.files)
        await _write_people(job)
        api = delivery_api_of(job.bot)
        return [await attachments.upload(api, it) for it in job.files]

    @transaction.atomic
    def complete(self, job: Broadcast, result: list[dict[str, Any]]) -> None:
        if job.stage == Stage.GATHERING:
            job.write(stage=Stage.RUNNING, files=result)
        _queue_deliveries(job)

    def fail(self, job: Broadcast, error: Exception) -> None:
        if isinstance(error, HOPELESS) and not _is_transient(error):
            job.end(Stage.FAILED, str(error))
            return
        known = isinstance(error, (*HOPELESS, NoAnswer))
        logger.warning("Broadcast %s waits: %s", job.pk, error, exc_info=not known and error)
        _postpone(job, RETRY_PAUSE)  # the sweep rings for it


runner = BroadcastRunner()


async def advance(pk: int) -> None:
    """Bring the broadcast a step further. Harmless to call twice, or for one that is over."""
    await runner.work(await sync_to_async(Broadcast.objects.claim)(pk))


def ring_for_due() -> None:
    """Ring for the broadcasts that can be claimed: a bell was lost, or a worker died."""
    for pk in Broadcast.objects.claimable().values_list("pk", flat=True):
        ring("bots.broadcast", pk)


def _is_transient(error: Exception) -> bool:
    """Return whether the same request to Pachca may succeed later."""
    status = error.response.status if isinstance(error, ApiError) else 0
    return status == 429 or status >= 500


def _postpone(broadcast: Broadcast, pause: timedelta) -> None:
    # A broadcast is claimed for every batch: the count must fit into its column.
    broadcast.postpone(pause, attempts=broadcast.attempts % MAX_CLAIM_COUNT)


# --- recipients ----------------------------------------------------------------------------------


async def count_people(broadcast: Broadcast, timeout: float) -> tuple[int, bool]:
    """Count the people a draft would go to, as Pachca has them now, for `timeout` seconds at most.

    Returns the count, and whether it is complete. Raises ApiError and NoAnswer.
    """
    found: set[int] = set()
    try:
        async with asyncio.timeout(timeout):
            async for person in _people(checking_api_of(broadcast.bot), broadcast):
                found.add(person)
    except TimeoutError:
        return len(found), False
    return len(found), True


async def _write_people(broadcast: Broadcast) -> None:
    found: list[int] = []
    async for person in _people(delivery_api_of(broadcast.bot), broadcast):
        found.append(person)
        if len(found) == BATCH:
            await sync_to_async(add_people)(broadcast, found)
            found = []
    await sync_to_async(add_people)(broadcast, found)


def add_people(broadcast: Broadcast, people: Iterable[int]) -> None:
    """Write a row for each of the people who has none yet."""
    rows = [Recipient(broadcast=broadcast, pachca_user_id=it) for it in dict.fromkeys(people)]
    Recipient.objects.bulk_create(rows, ignore_conflicts=True)


async def _people(api: Api, broadcast: Broadcast) -> AsyncIterator[int]:
    match broadcast.audience:
        case Audience.EVERYBODY:
            async for user in api.every("list_users", {"limit": 50}):
                if _is_reachable(user):
                    yield user["id"]
        case Audience.TAGS:
            async for tag in api.every("list_tags", {"names": broadcast.tag_list}):
                async for user in api.every("get_tag_users", {"id": tag["id"]}):
                    if _is_reachable(user):
                        yield user["id"]
        case Audience.PEOPLE:
            for person in await sync_to_async(find_linked_people)(broadcast):
                yield person


def _is_reachable(user: dict[str, Any]) -> bool:
    is_here = user.get("invite_status") in (None, "confirmed")
    return is_here and not user.get("bot") and not user.get("suspended")


def find_linked_people(broadcast: Broadcast) -> list[int]:
    """Return the Pachca user ids of those of the chosen people who have connected an account."""
    accounts = PachcaAccount.objects.filter(
        in_sandbox=broadcast.bot.in_sandbox, person__in=broadcast.people.all()
    )
    return list(accounts.values_list("pachca_user_id", flat=True))


# --- sending -------------------------------------------------------------------------------------


def _queue_deliveries(broadcast: Broadcast) -> None:
    """Write the next few deliveries, as far as there is room, and postpone the rest.

    To be called in a transaction; that the row is written first locks it.
    """
    in_flight = broadcast.recipients.filter(delivery__state__in=OPEN).count()
    room = max(0, MAX_IN_FLIGHT - in_flight)
    people = list(broadcast.recipients.filter(queued_at=None).order_by("pk")[:room])
    if not people and not in_flight:
        broadcast.end(Stage.DONE)
        return
    _postpone(broadcast, PAUSE)
    _write(broadcast, people)
    pk, delay = broadcast.pk, PAUSE.total_seconds()
    transaction.on_commit(lambda: ring("bots.broadcast", pk, delay=delay))


def _write(broadcast: Broadcast, people: list[Recipient]) -> None:
    deliveries = [_delivery(broadcast, it.pachca_user_id) for it in people]
    for person, delivery in zip(people, Delivery.objects.bulk_create(deliveries), strict=True):
        person.delivery, person.queued_at = delivery, timezone.now()
    Recipient.objects.bulk_update(people, ["delivery", "queued_at"])
    for delivery in deliveries:
        transaction.on_commit(partial(ring, "bots.deliver", delivery.bot_id, delivery.chat))


def _delivery(broadcast: Broadcast, person: int) -> Delivery:
    message: dict[str, Any] = {
        "entity_type": "user",
        "entity_id": person,
        "content": broadcast.text,
        **({"files": broadcast.files} if broadcast.files else {}),
    }
    return Delivery(
        bot=broadcast.bot,
        chat=f"user:{person}",
        method="create_message",
        payload={"message": message},
    )
