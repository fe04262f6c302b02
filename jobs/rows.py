"""Job rows: how one worker claims a row, renews its lease, and writes how the work ended.

The statements that every job needs are written in SQL: composing them with the ORM takes several
times as long as the database needs to execute them.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.backoff import Backoff
from core.storable import storable
from jobs.database_clock import FromNow, from_now, to_sql

# It goes on while the computer sleeps, as the database's does and Linux's monotonic clock does not.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def uptime() -> float:
    """Return the seconds since some moment in the past, by a clock that is never set."""
    return time.clock_gettime(_CLOCK)


class LostClaim(Exception):
    """Another worker has claimed this row; the results of this one must not be written."""


class WorkersDied(Exception):
    """Every worker that claimed this row ended in the middle of its work."""


class State(models.TextChoices):
    """The state of a job row."""

    WAITING = "waiting", _("waiting")
    WORKING = "working", _("in progress")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    IGNORED = "ignored", _("ignored")


OPEN = (State.WAITING, State.WORKING)

# A failed job is retried so many times, after 1, 5.5 and 30 seconds.
MAX_RETRIES = 3
RETRY_BACKOFF = Backoff(first=1, cap=30, factor=5.5)
# A job whose workers die is given up after so many claims.
MAX_CLAIMS = 2 * MAX_RETRIES
# Jobs that are never done are claimed again and again: `attempts` begins anew after so many
# claims, because it must fit into its column.
MAX_CLAIM_COUNT = 10_000

IS_OPEN = "state IN ('waiting', 'working')"

# An SQL condition and its parameters.
Condition = tuple[str, Sequence[Any]]
JobRow = TypeVar("JobRow", bound="Job")


class JobManager(models.Manager[JobRow]):
    """Finds and claims job rows."""

    # Further assignments of a claim, in SQL; they see the values from before the claim.
    also_written = ""

    def open(self) -> models.QuerySet[JobRow]:
        """Return the rows whose work is not finished."""
        return self.filter(state__in=OPEN)

    def claim_condition(self) -> Condition:
        """Return the condition on which a row may be claimed: it is due, or its lease has expired.

        A row in progress without an end of its claim counts as expired: nobody works on it.
        This is the only place that states it. Managers of a kind of job may add to it; columns
        are qualified with the name of the table.
        """
        (now, params), table = from_now(), self._table
        return (
            f"({table}.state = 'waiting' AND {table}.due_at <= {now}"
            f" OR {table}.state = 'working'"
            f" AND ({table}.claimed_until IS NULL OR {table}.claimed_until < {now}))"
        ), params * 2

    def claimable(self) -> models.QuerySet[JobRow]:
        """Return the rows that a claim would get now."""
        condition, params = self.claim_condition()
        # SQLite searches a partial index only if its condition is part of the query.
        condition = f"{self._table}.{IS_OPEN} AND ({condition})"
        return self.filter(RawSQL(condition, params, output_field=models.BooleanField()))  # noqa: S611  names of columns

    def claim(self, pk: int, **changes: Any) -> JobRow | None:
        """Claim the row and return it; None if it is not claimable.

        The claim is one statement, so of many workers that try, one gets the row. It is valid for
        settings.JOBS_LEASE seconds (see jobs.leases).
        """
        return self._claim(("id = %s", [pk]), self.claim_condition(), **changes)

    def _claim(self, which: Condition, condition: Condition, **changes: Any) -> JobRow | None:
        started = uptime()
        claim = {"state": State.WORKING, "claimed_until": FromNow(settings.JOBS_LEASE), **changes}
        assignments, values = _assignments(self.model, claim)
        statement = f"""
            UPDATE {self._table} SET attempts = attempts + 1, {assignments} {self.also_written}
            WHERE {which[0]} AND {condition[0]} RETURNING id
            """  # noqa: S608  names of columns
        with connection.cursor() as cursor:
            cursor.execute(statement, [*values, *which[1], *condition[1]])
            found = cursor.fetchall()
        row = self.load_claimed(*found[0]) if found else None
        if row is not None:
            row.claim_started = started
        return row

    def load_claimed(self, pk: int) -> JobRow | None:
        """Return the row that this process has just claimed."""
        return self.get(pk=pk)

    @property
    def _table(self) -> str:
        return self.model._meta.db_table


class Job(models.Model):
    """A row that stands for work which one worker at a time does.

    `attempts` grows with every claim, so it tells two claims apart: a worker that has lost its
    claim finds the number changed and can write nothing. `due_at` is by the database's clock.
    """

    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), db_default=Now())
    claimed_until = models.DateTimeField(_("claimed until"), null=True, editable=False)
    error = models.TextField(_("error"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    # When this process sent its claim, by uptime(): the lease has begun no earlier.
    claim_started = float("-inf")

    class Meta:
        abstract = True

    def check_claims(self) -> None:
        """Raise WorkersDied if the row was claimed so often that its work must end its workers."""
        if self.attempts > MAX_CLAIMS:
            raise WorkersDied(WorkersDied.__doc__)

    def again(self) -> None:
        """Put a row back to the start, to be done once more.

        A claim of a row in progress is lost. The row must be locked, unless it has ended.
        """
        # The next claim must differ from one that is lost, so `attempts` goes on.
        self.attempts = self.attempts if self.state == State.WORKING else 0
        self.state, self.finished_at, self.error = State.WAITING, None, ""
        self.due_at, self.claimed_until = FromNow(), None
        fields = ["state", "attempts", "due_at", "claimed_until", "finished_at", "error"]
        self.save(update_fields=fields)
        self.due_at = timezone.now()

    def finish(self, state: State, **changes: Any) -> None:
        """Write the end; raises LostClaim."""
        self.write(state=state, finished_at=timezone.now(), claimed_until=None, **changes)

    def postpone(self, delay: timedelta, **changes: Any) -> None:
        """Release the row, to be claimed again after `delay`; raises LostClaim."""
        due_at = FromNow(delay.total_seconds())
        self.write(state=State.WAITING, due_at=due_at, claimed_until=None, **changes)

    def write(self, **changes: Any) -> None:
        """Write fields of the claimed row; raises LostClaim.

        Texts and JSON may come from outside: what a database cannot store is replaced.
        """
        changes = {name: self._storable(name, value) for name, value in changes.items()}
        assignments, values = _assignments(type(self), changes)
        # Don't filter on `state`: PostgreSQL may scan the partial index, dead tuples included.
        statement = f"""
            UPDATE {self._meta.db_table} SET {assignments}
            WHERE id = %s AND attempts = %s AND claimed_until IS NOT NULL
            """  # noqa: S608  names of columns
        with connection.cursor() as cursor:
            cursor.execute(statement, [*values, self.pk, self.attempts])
            if not cursor.rowcount:
                raise LostClaim
        for name, value in changes.items():
            if isinstance(value, FromNow):
                value = timezone.now() + timedelta(seconds=value.seconds)
            setattr(self, name, value)

    def _storable(self, name: str, value: Any) -> Any:
        is_text = isinstance(
            self._meta.get_field(name), models.CharField | models.TextField | models.JSONField
        )
        return storable(value) if is_text else value


def _assignments(model: type[models.Model], changes: dict[str, Any]) -> tuple[str, list[Any]]:
    """Return the changes as the SET clause of an UPDATE, with its parameters."""
    assignments, params = [], []
    for name, value in changes.items():
        field: Any = model._meta.get_field(name)
        sql, values = to_sql(field, value)
        assignments.append(f'"{field.column}" = {sql}')
        params += values
    return ", ".join(assignments), params
