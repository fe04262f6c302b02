"""What administrators and other apps may ask of broadcasts."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bots.broadcasts.sending import add_people, find_linked_people
from bots.framework.api import attachments
from bots.framework.events.types import Event
from bots.models import Audience, Bot, Broadcast, Delivery, Stage
from bots.models.jobs import State
from core.storable import storable
from core.text.visibility import is_blank
from jobs.doorbell import ring

OPEN_STAGES = (Stage.GATHERING, Stage.RUNNING, Stage.PAUSED)
MAX_USER_ID = 2**63 - 1


class NoRecipients(ValueError):
    """None of the chosen people has connected a Pachca account."""


@transaction.atomic
def broadcast(
    bot: Bot,
    text: str,
    *,
    tags: Iterable[str] | None = None,
    people: Iterable[int] | None = None,
    files: Iterable[dict[str, Any]] = (),
) -> Broadcast:
    """Start saying something to people by their Pachca ids, to all who have the tags, or to all.

    `files` are what `attachments.keep` and `attachments.refer` return. Each person gets it once;
    people come before tags, and only with neither argument it goes to all. Raises BadAnswer for
    what Pachca would refuse, NoRecipients where a list is empty, and ValueError for a tag that is
    empty or has a comma and for what is no id.
    """
    audience = Audience.EVERYBODY
    if tags is not None:
        audience = Audience.TAGS
    if people is not None:
        audience = Audience.PEOPLE
    tags, people, files = list(tags or ()), list(people or ()), list(files)
    _check_recipients(audience, tags, people)
    Event().tell(0, text, files=files)
    row = Broadcast.objects.create(
        bot=bot,
        text=storable(text),
        audience=audience,
        tags=storable(", ".join(tags)),
        files=storable(files),
    )
    add_people(row, people)
    start(row)
    return row


def _check_recipients(audience: Audience, tags: list[str], people: list[int]) -> None:
    if bad_tags := [it for it in tags if is_blank(it) or "," in it]:
        raise ValueError(f"Not a tag: {bad_tags[0]!r}.")
    if bad_ids := [it for it in people if not 0 < it <= MAX_USER_ID]:
        raise ValueError(f"Not a Pachca user id: {bad_ids[0]!r}.")
    if (audience == Audience.PEOPLE and not people) or (audience == Audience.TAGS and not tags):
        raise NoRecipients(f"The list of {audience.value} is empty.")


@transaction.atomic
def start(row: Broadcast) -> bool:
    """Start a draft; False when it was started before.

    Raises NoRecipients when it goes to chosen people and none of them can be reached.
    """
    if row.audience == Audience.PEOPLE and not (row.recipients.exists() or find_linked_people(row)):
        raise NoRecipients(_("None of the selected users has linked a Pachca account."))
    return _move(row, Stage.GATHERING, Stage.DRAFT, started_at=timezone.now())


@transaction.atomic
def send_test(row: Broadcast, pachca_user_id: int) -> Delivery:
    """Send a draft's message to one person of Pachca, to see it as everybody will.

    Raises BadAnswer for what Pachca would refuse, and OSError where a file is gone.
    """
    call = Event().tell(pachca_user_id, row.text, files=row.files)
    message = call.payload["message"]
    if row.files:  # the copies are deleted when they have been sent, those of the draft stay
        message = {**message, "files": [attachments.copy(it) for it in row.files]}
    delivery = Delivery.objects.create(
        bot=row.bot, chat=call.chat, method=call.method, payload={"message": message}
    )
    transaction.on_commit(lambda: ring("bots.deliver", row.bot_id, delivery.chat))
    return delivery


@transaction.atomic
def pause(row: Broadcast) -> bool:
    """Pause a running broadcast; queued messages are still sent. False for other stages."""
    return _move(row, Stage.PAUSED, Stage.RUNNING)


@transaction.atomic
def resume(row: Broadcast) -> bool:
    """Resume a paused broadcast. Return False for other stages."""
    return _move(row, Stage.RUNNING, Stage.PAUSED)


@transaction.atomic
def cancel(row: Broadcast) -> bool:
    """Cancel a broadcast and its queued messages. Return False if it has ended."""
    if not _move(row, Stage.CANCELLED, *OPEN_STAGES, finished_at=timezone.now()):
        return False
    mine = row.recipients.filter(delivery__state=State.WAITING).values("delivery")
    Delivery.objects.filter(pk__in=mine, state=State.WAITING).update(
        state=State.FAILED, error=_("The broadcast was cancelled."), finished_at=timezone.now()
    )
    return True


def _move(row: Broadcast, to: Stage, *stages: Stage, **changes: Any) -> bool:
    if not Broadcast.objects.move(row.pk, to, *stages, **changes):
        return False
    row.refresh_from_db()
    if to in (Stage.GATHERING, Stage.RUNNING):
        transaction.on_commit(lambda: ring("bots.broadcast", row.pk))
    return True
