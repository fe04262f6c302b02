"""Broadcasts on their way: find the people, then write a few deliveries at a time.

The rows say how far it has come, so it goes on after any crash: a delivery and the mark that the
person has one are written in one transaction.
"""

import logging
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone

from bots import attachments
from bots.api import Api, ApiError, FileTooLarge, NoAnswer
from bots.api.audio import NotAudio
from bots.jobs import OPEN
from bots.models import Audience, Broadcast, Delivery, PachcaAccount, Recipient, Stage
from bots.outgoing import delivery_api_of
from jobs.doorbell import ring

logger = logging.getLogger(__name__)

# Less than Pachca lets a bot send in five seconds: answers to people get through beside them.
MOST_IN_FLIGHT = 20
PAUSE = timedelta(seconds=2)
LONGEST_LOOK = timedelta(minutes=10)
AT_ONCE = 500
HOPELESS = (ApiError, FileTooLarge, NotAudio, FileNotFoundError)


async def go_on(pk: int) -> None:
    """Bring the broadcast a step further. Harmless to call twice, or for one that is over."""
    broadcast = await sync_to_async(_get)(pk)
    if broadcast is None:
        return
    if broadcast.stage == Stage.GATHERING:
        await _gather(broadcast)
    if await sync_to_async(_feed)(pk):
        await sync_to_async(ring)("bots.broadcast", pk, delay=PAUSE.total_seconds())


def ring_for_due() -> None:
    """Ring for the broadcasts that nobody is at: a bell was lost, or a worker died."""
    for pk in Broadcast.objects.due().values_list("pk", flat=True):
        ring("bots.broadcast", pk)


def _get(pk: int) -> Broadcast | None:
    return Broadcast.objects.select_related("bot").filter(pk=pk).first()


# --- who gets it ---------------------------------------------------------------------------------


async def _gather(broadcast: Broadcast) -> None:
    """Write a row for each person. Done anew after a crash, nobody is there twice."""
    if not await sync_to_async(_claim)(broadcast.pk):
        return
    move = partial(sync_to_async(Broadcast.objects.move), broadcast.pk)
    try:
        await _write_people(broadcast)
        api = delivery_api_of(broadcast.bot)
        files = [await attachments.uploaded(api, it) for it in broadcast.files]
    except (*HOPELESS, NoAnswer) as error:
        if _may_pass(error):  # the sweep comes back to it
            logger.warning("Broadcast %s waits: %s", broadcast.pk, error)
            await move(Stage.GATHERING, Stage.GATHERING)
        else:
            ended = {"error": str(error), "finished_at": timezone.now()}
            await move(Stage.FAILED, Stage.GATHERING, **ended)
    else:
        await move(Stage.RUNNING, Stage.GATHERING, files=files)


def _may_pass(error: Exception) -> bool:
    """Tell whether Pachca may answer better the next time it is asked."""
    if isinstance(error, ApiError):
        return error.response.status == 429 or error.response.status >= 500
    return isinstance(error, NoAnswer)


def _claim(pk: int) -> bool:
    mine = Broadcast.objects.due().filter(pk=pk, stage=Stage.GATHERING)
    return bool(mine.update(claimed_until=timezone.now() + LONGEST_LOOK))


async def _write_people(broadcast: Broadcast) -> None:
    found: list[int] = []
    async for person in _people(delivery_api_of(broadcast.bot), broadcast):
        found.append(person)
        if len(found) == AT_ONCE:
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
            for person in await sync_to_async(_linked)(broadcast):
                yield person


def _is_reachable(user: dict[str, Any]) -> bool:
    is_here = user.get("invite_status") in (None, "confirmed")
    return is_here and not user.get("bot") and not user.get("suspended")


def _linked(broadcast: Broadcast) -> list[int]:
    accounts = PachcaAccount.objects.filter(
        in_sandbox=broadcast.bot.in_sandbox, person__in=broadcast.people.all()
    )
    return list(accounts.values_list("pachca_user_id", flat=True))


# --- sending -------------------------------------------------------------------------------------


@transaction.atomic
def _feed(pk: int) -> bool:
    """Write the next few deliveries, as far as there is room; False when it need not go on.

    The row is locked, so that of two workers one after the other takes people.
    """
    locked = Broadcast.objects.due().select_for_update(of=("self",)).filter(pk=pk)
    broadcast = locked.filter(stage=Stage.RUNNING).select_related("bot").first()
    if broadcast is None:
        return False
    on_their_way = broadcast.recipients.filter(delivery__state__in=OPEN).count()
    room = max(0, MOST_IN_FLIGHT - on_their_way)
    people = list(broadcast.recipients.filter(queued_at=None).order_by("pk")[:room])
    if not people and not on_their_way:
        finished = {"stage": Stage.DONE, "finished_at": timezone.now()}
        Broadcast.objects.filter(pk=pk).update(**finished)
        return False
    _write(broadcast, people)
    # Until then nobody else need ring: of several bells only one goes on.
    Broadcast.objects.filter(pk=pk).update(claimed_until=timezone.now() + PAUSE * 0.9)
    return True


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
