"""The bots' job rows: those of one chat are claimed one after the other."""

from typing import TypeVar

from django.db import models

from bots.models.fields import SecretUnreadable
from jobs import rows
from jobs.rows import IS_OPEN, MAX_CLAIM_COUNT, OPEN, Condition, Job, LostClaim, State

__all__ = ["MAX_CLAIM_COUNT", "OPEN", "Job", "JobManager", "LostClaim", "State"]

JobRow = TypeVar("JobRow", bound=Job)


class JobManager(rows.JobManager[JobRow]):
    def claim_condition(self) -> Condition:
        """Only the first open row of a chat can be claimed; rows without a chat do not wait."""
        condition, params = super().claim_condition()
        earlier = f"""
            SELECT 1 FROM {self._table} AS earlier
            WHERE earlier.{IS_OPEN} AND earlier.bot_id = {self._table}.bot_id
            AND earlier.chat = {self._table}.chat AND earlier.id < {self._table}.id
            """  # noqa: S608  names of columns
        return f"({condition} AND ({self._table}.chat = '' OR NOT EXISTS ({earlier})))", params

    def in_chat(self, bot_id: int, chat: str) -> models.QuerySet[JobRow]:
        """Return the open rows of the chat in the order in which they have to be done."""
        return self.open().filter(bot=bot_id, chat=chat).order_by("pk")

    def claim_first(self, bot_id: int, chat: str) -> JobRow | None:
        """Claim the first open row of the chat, if it is claimable."""
        first = f"SELECT min(id) FROM {self._table} WHERE {IS_OPEN} AND bot_id = %s AND chat = %s"  # noqa: S608  a name
        # The first row need not be compared with the others once more.
        return self._claim((f"id = ({first})", [bot_id, chat]), super().claim_condition())

    def load_claimed(self, pk: int) -> JobRow | None:
        """Return the row that was just claimed, with its bot.

        Without the bot's secrets nothing can be done: if they cannot be read, the row fails.
        """
        row = self.filter(pk=pk)
        try:
            return row.select_related("bot").get()
        except SecretUnreadable as error:
            row.get().finish(State.FAILED, error=str(error))
            return None
