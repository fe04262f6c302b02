"""The bots' jobs: those of one chat are taken one after the other, and kept while worked on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import models
from django.db.models import Q

from bots.fields import SecretUnreadable
from jobs import rows
from jobs.rows import OPEN, Job, LostClaim, State, lease_end

__all__ = ["OPEN", "Job", "JobManager", "LostClaim", "State", "kept", "lease_end"]

JobRow = TypeVar("JobRow", bound=Job)


class JobManager(rows.JobManager[JobRow]):
    def claimable(self) -> models.QuerySet[JobRow]:
        """Rows that may be taken now, and have no open row before them in the same chat."""
        before = self.open().filter(
            bot=models.OuterRef("bot"), chat=models.OuterRef("chat"), pk__lt=models.OuterRef("pk")
        )
        return super().claimable().filter(Q(chat="") | ~models.Exists(before))

    def claimed(self, pk: int) -> JobRow | None:
        """Return the row that has just been taken, with its bot.

        Where the bot's secrets cannot be read nothing can be done: the row ends as failed.
        """
        row = self.select_related("bot").filter(pk=pk)
        try:
            return row.get()
        except SecretUnreadable as error:
            row.defer("bot__token", "bot__signing_secret").get().finish(
                State.FAILED, error=str(error)
            )
            return None


@asynccontextmanager
async def kept(job: Job) -> AsyncIterator[None]:
    """Hold the claim on a row while it is worked on; a dead worker's claim ends by itself."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(settings.JOBS_LEASE / 3)
            with suppress(LostClaim):
                await sync_to_async(job.keep)()

    keeper = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeper.cancel()
