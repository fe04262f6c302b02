"""How a row that is a job is taken by one worker, kept, and taken over when that one dies."""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import models
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


JobRow = TypeVar("JobRow", bound="Job")


class JobManager(models.Manager[JobRow]):
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
        return self.taken(self.first_of(self.claimable().filter(pk=pk)), **changes)

    def first_of(self, rows: models.QuerySet[JobRow]) -> JobRow | None:
        """Return the first of the rows, with all that whoever takes it will need."""
        return rows.first()

    def taken(self, row: JobRow | None, **changes: Any) -> JobRow | None:
        """Take the row that has just been read, if it is due; None when it is not ours to take."""
        if row is None or not row.is_due:
            return None
        was_left = row.state == State.WORKING
        if not row.take(**changes):
            return None
        # Whoever had it may have noted something since it was read.
        return self.claimed(row.pk) if was_left else row

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

    @property
    def is_due(self) -> bool:
        """Whether its time has come, or whoever held it has died."""
        now = timezone.now()
        if self.state == State.WORKING:
            return self.claimed_until is not None and self.claimed_until < now
        return self.state == State.WAITING and self.due_at <= now

    def take(self, **changes: Any) -> bool:
        """Claim the row, unless somebody has taken or kept it since it was read."""
        rows = type(self)._default_manager.filter(
            pk=self.pk,
            state=self.state,
            attempts=self.attempts,
            claimed_until=self.claimed_until,
        )
        mine = {"state": State.WORKING, "claimed_until": lease_end(), **changes}
        if not rows.update(attempts=self.attempts + 1, **mine):
            return False
        self.attempts += 1
        for name, value in mine.items():
            setattr(self, name, value)
        return True

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
        mine = type(self)._default_manager.filter(
            pk=self.pk, state=State.WORKING, attempts=self.attempts
        )
        if not mine.update(**changes):
            raise LostClaim
        for name, value in changes.items():
            setattr(self, name, value)


def lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.JOBS_LEASE)
