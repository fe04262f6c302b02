"""How a row that is a job is taken by one worker, kept, and taken over when that one dies.

What every job asks of the database is written in SQL: to have Django compose it each time costs
several times what the database needs.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LostClaim(Exception):
    """Another worker has taken this row over; whatever was done here must not be written."""


class State(models.TextChoices):
    WAITING = "waiting", _("waiting")
    WORKING = "working", _("in work")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    IGNORED = "ignored", _("ignored")


OPEN = (State.WAITING, State.WORKING)

IS_OPEN = "state IN ('waiting', 'working')"
IS_DUE = "(state = 'waiting' AND due_at <= %s OR state = 'working' AND claimed_until < %s)"

JobRow = TypeVar("JobRow", bound="Job")


class JobManager(models.Manager[JobRow]):
    # What a claim writes besides, in SQL, of what the row was before.
    also_written = ""

    def open(self) -> models.QuerySet[JobRow]:
        return self.filter(state__in=OPEN)

    def claimable(self) -> models.QuerySet[JobRow]:
        """Rows that may be taken now: their time has come, or whoever held them has died."""
        now = timezone.now()
        is_due = Q(state=State.WAITING, due_at__lte=now)
        is_left = Q(state=State.WORKING, claimed_until__lt=now)
        return self.filter(is_due | is_left)

    def claim(self, pk: int, **changes: Any) -> JobRow | None:
        """Take the row if it is claimable; None when it is not ours to take."""
        return self.taken("id = %s", [pk], **changes)

    def taken(self, which: str, params: Sequence[Any], **changes: Any) -> JobRow | None:
        """Take the row that the condition in SQL names, if it is due, and return it; else None.

        It is taken by one statement, so of many that try one gets it.
        """
        mine = {"state": State.WORKING, "claimed_until": lease_end(), **changes}
        columns, values = _written(self.model, mine)
        _, (now,) = _written(self.model, {"due_at": timezone.now()})
        statement = f"""
            UPDATE {self.model._meta.db_table}
            SET attempts = attempts + 1, {columns} {self.also_written}
            WHERE {which} AND {IS_DUE} RETURNING id
            """  # noqa: S608  names of columns
        with connection.cursor() as cursor:
            cursor.execute(statement, [*values, *params, now, now])
            found = cursor.fetchall()
        return self.claimed(*found[0]) if found else None

    def claimed(self, pk: int) -> JobRow | None:
        """Return the row that has just been taken."""
        return self.get(pk=pk)


class Job(models.Model):
    """A row that is worked on once, by whoever takes it.

    `attempts` grows with every claim, so it also tells two claims apart: a worker that was
    thought dead and comes back finds the number changed, and can write nothing.
    """

    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, editable=False)
    error = models.TextField(_("error"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        abstract = True

    def again(self) -> None:
        """Put a row that has ended back to the start, for whoever wants it done again."""
        self.state, self.attempts, self.due_at = State.WAITING, 0, timezone.now()
        self.finished_at, self.error = None, ""
        self.save(update_fields=["state", "attempts", "due_at", "finished_at", "error"])

    def keep(self) -> None:
        """Hold the claim for another lease; raises LostClaim."""
        self.note(claimed_until=lease_end())

    def finish(self, state: State, **changes: Any) -> None:
        """Write the end; raises LostClaim."""
        self.note(state=state, finished_at=timezone.now(), claimed_until=None, **changes)

    def put_off(self, delay: timedelta, **changes: Any) -> None:
        """Give the row back, to be taken again after `delay`; raises LostClaim."""
        due_at = timezone.now() + delay
        self.note(state=State.WAITING, due_at=due_at, claimed_until=None, **changes)

    def note(self, **changes: Any) -> None:
        """Write down what has been done so far; raises LostClaim."""
        # Not by the state: PostgreSQL might look through the index of all that are in work, and of
        # those that were since it was last cleaned.
        columns, values = _written(type(self), changes)
        statement = f"""
            UPDATE {self._meta.db_table} SET {columns}
            WHERE id = %s AND attempts = %s AND claimed_until IS NOT NULL
            """  # noqa: S608  names of columns
        with connection.cursor() as cursor:
            cursor.execute(statement, [*values, self.pk, self.attempts])
            if not cursor.rowcount:
                raise LostClaim
        for name, value in changes.items():
            setattr(self, name, value)


def _written(model: type[models.Model], changes: dict[str, Any]) -> tuple[str, list[Any]]:
    """Return the changes as SQL and the values for it."""
    fields: list[Any] = [model._meta.get_field(name) for name in changes]
    values = zip(fields, changes.values(), strict=True)
    return (
        ", ".join(f'"{field.column}" = %s' for field in fields),
        [field.get_db_prep_save(value, connection) for field, value in values],
    )


def lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.JOBS_LEASE)
