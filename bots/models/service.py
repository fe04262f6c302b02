"""A background service as the administrator sees it; what it does is a function in code."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bots import schedules
from jobs.rows import Job, State
from jobs.rows import JobManager as RowManager

# The count of claims tells two of them apart, and must not outgrow its column.
MOST_CLAIMS = 10_000


def check_schedule(text: str) -> None:
    try:
        schedules.read(text)
    except schedules.BadSchedule as error:
        raise ValidationError(str(error)) from error


class ServiceManager(RowManager["Service"]):
    def claimable(self) -> models.QuerySet["Service"]:
        return super().claimable().filter(is_on=True)

    def taken(self, which: str, params: Sequence[Any], **changes: Any) -> "Service | None":
        return super().taken(f"is_on AND {which}", params, **changes)


class Service(Job):
    """A job that is never done: when a run has ended, the row waits for the next one."""

    name = models.CharField(pgettext_lazy("title", "name"), max_length=200, unique=True)
    is_on = models.BooleanField(_("on"), default=True)
    schedule = models.CharField(
        _("schedule of its own"),
        max_length=100,
        blank=True,
        validators=[check_schedule],
        help_text=_("30s, 5m, 2h, 1d, or a crontab line: 0 9 * * 1-5. Empty: as the code has it."),
    )
    started_at = models.DateTimeField(_("last run"), null=True, blank=True)
    duration = models.DurationField(_("took"), null=True, blank=True)
    runs = models.PositiveBigIntegerField(_("runs"), default=0)
    failures = models.PositiveBigIntegerField(_("failures"), default=0)

    objects = ServiceManager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("service")
        verbose_name_plural = _("services")

    def __str__(self) -> str:
        return self.name

    def end_run(self, due_at: datetime, seconds: float, error: str) -> None:
        """Write how the run went and when the next one is due; raises LostClaim."""
        counts: dict[str, Any] = {"runs": self.runs + 1, "failures": self.failures + bool(error)}
        self.note(
            state=State.WAITING,
            attempts=self.attempts % MOST_CLAIMS,
            claimed_until=None,
            due_at=due_at,
            error=error,
            duration=timedelta(seconds=seconds),
            **counts,
        )
