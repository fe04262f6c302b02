"""The bots' jobs: those of one chat are taken one after the other, and kept while worked on."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, models
from django.db.models import Q
from django.utils import timezone

from bots.fields import SecretUnreadable
from jobs import rows
from jobs.rows import IS_OPEN, OPEN, Job, LostClaim, State, lease_end

__all__ = ["OPEN", "Job", "JobManager", "LostClaim", "State", "kept", "lease_end"]

logger = logging.getLogger(__name__)

JobRow = TypeVar("JobRow", bound=Job)


class JobManager(rows.JobManager[JobRow]):
    def claimable(self) -> models.QuerySet[JobRow]:
        """Rows that may be taken now, and have no open row before them in the same chat."""
        before = self.open().filter(
            bot=models.OuterRef("bot"), chat=models.OuterRef("chat"), pk__lt=models.OuterRef("pk")
        )
        return super().claimable().filter(Q(chat="") | ~models.Exists(before))

    def in_chat(self, bot_id: int, chat: str) -> models.QuerySet[JobRow]:
        """Open rows of the chat, in the order in which they are to be done."""
        return self.open().filter(bot=bot_id, chat=chat).order_by("pk")

    def claim_first(self, bot_id: int, chat: str) -> JobRow | None:
        """Take the first open row of the chat, if it is claimable."""
        first = f"SELECT min(id) FROM {self._table} WHERE {IS_OPEN} AND bot_id = %s AND chat = %s"  # noqa: S608  a name
        return self.taken(f"id = ({first})", [bot_id, chat])

    def claim(self, pk: int, **changes: Any) -> JobRow | None:
        before = f"""
            SELECT 1 FROM {self._table} AS before
            WHERE before.{IS_OPEN} AND before.bot_id = {self._table}.bot_id
            AND before.chat = {self._table}.chat AND before.id < {self._table}.id
            """  # noqa: S608  names
        return self.taken(f"id = %s AND (chat = '' OR NOT EXISTS ({before}))", [pk], **changes)

    def claimed(self, pk: int) -> JobRow | None:
        """Return the row that has just been taken, with its bot.

        Where the bot's secrets cannot be read nothing can be done: the row ends as failed.
        """
        row = self.filter(pk=pk)
        try:
            return row.select_related("bot").get()
        except SecretUnreadable as error:
            row.get().finish(State.FAILED, error=str(error))
            return None

    @property
    def _table(self) -> str:
        return self.model._meta.db_table


@asynccontextmanager
async def kept(job: Job) -> AsyncIterator[None]:
    """Hold the claim on a row while it is worked on; a dead worker's claim ends by itself.

    The end of the work is written after that, since it lets the claim go.

    Work whose claim is lost is cancelled, and LostClaim is raised. It counts as lost a third of a
    lease before it runs out, where it could not be renewed: what is on its way then has time to
    arrive before another worker takes the row over and looks for it.
    """
    try:
        async with asyncio.timeout(_seconds_left(job)) as claim:
            keeper = asyncio.create_task(_keep(job, claim))
            try:
                yield
            finally:
                keeper.cancel()
    except TimeoutError:
        if claim.expired():
            raise LostClaim from None
        raise


async def _keep(job: Job, claim: asyncio.Timeout) -> None:
    now = asyncio.get_running_loop().time
    while not claim.expired():
        claim.reschedule(now() + _seconds_left(job))
        await asyncio.sleep(settings.JOBS_LEASE / 4)
        if _seconds_left(job) <= 0:
            return  # the process stood still: renewing now would only keep others from the row
        try:
            await sync_to_async(job.keep)()
        except LostClaim:
            if not claim.expired():
                claim.reschedule(now())
            return
        except DatabaseError as error:
            logger.warning("The claim on %r could not be kept: %s", job, error)


def _seconds_left(job: Job) -> float:
    """Return for how long the claim is safely ours."""
    ends = job.claimed_until or timezone.now()
    return float((ends - timezone.now()).total_seconds() - settings.JOBS_LEASE / 3)
