"""What administrators and other apps may ask of broadcasts."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from bots.broadcasting import add_people
from bots.jobs import State
from bots.models import Audience, Bot, Broadcast, Delivery, Stage
from jobs.doorbell import ring

OPEN_STAGES = (Stage.GATHERING, Stage.RUNNING, Stage.PAUSED)


@transaction.atomic
def broadcast(
    bot: Bot,
    text: str,
    *,
    tags: Iterable[str] = (),
    people: Iterable[int] = (),
    files: Iterable[dict[str, Any]] = (),
) -> Broadcast:
    """Start saying something to people by their Pachca ids, to all who have the tags, or to all.

    `files` are what `attachments.keep` and `attachments.refer` return. Each person gets it once;
    people come before tags.
    """
    tags, people = list(tags), list(people)
    audience = Audience.PEOPLE if people else Audience.TAGS if tags else Audience.EVERYBODY
    row = Broadcast.objects.create(
        bot=bot, text=text, audience=audience, tags=", ".join(tags), files=list(files)
    )
    add_people(row, people)
    start(row)
    return row


@transaction.atomic
def start(row: Broadcast) -> bool:
    """Start a draft; False when it was started before."""
    return _move(row, Stage.GATHERING, Stage.DRAFT, started_at=timezone.now())


@transaction.atomic
def pause(row: Broadcast) -> bool:
    """Send to nobody more for now; what is on its way arrives. False when it is not being sent."""
    return _move(row, Stage.PAUSED, Stage.RUNNING)


@transaction.atomic
def resume(row: Broadcast) -> bool:
    """Go on with one that was paused; False for any other."""
    return _move(row, Stage.RUNNING, Stage.PAUSED)


@transaction.atomic
def cancel(row: Broadcast) -> bool:
    """Send to nobody any more, also not what waits to be sent; False when it is over already."""
    if not _move(row, Stage.CANCELLED, *OPEN_STAGES, finished_at=timezone.now()):
        return False
    mine = row.recipients.filter(delivery__state=State.WAITING).values("delivery")
    Delivery.objects.filter(pk__in=mine, state=State.WAITING).update(
        state=State.FAILED, error="The broadcast was cancelled.", finished_at=timezone.now()
    )
    return True


def _move(row: Broadcast, to: Stage, *stages: Stage, **changes: Any) -> bool:
    if not Broadcast.objects.move(row.pk, to, *stages, **changes):
        return False
    row.refresh_from_db()
    if to in (Stage.GATHERING, Stage.RUNNING):
        transaction.on_commit(lambda: ring("bots.broadcast", row.pk))
    return True
