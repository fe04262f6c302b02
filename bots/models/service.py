"""Background services: the row that the admin shows; the function is in the code."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bots.models import schedules
from jobs.database_clock import FromNow
from jobs.rows import MAX_CLAIM_COUNT, Condition, Job, JobManager, State


def check_schedule(text: str) -> None:
    try:
        schedules.read(text)
    except schedules.BadSchedule as error:
        raise ValidationError(str(error)) from error


class ServiceManager(JobManager["Service"]):
    def claim_condition(self) -> Condition:
        condition, params = super().claim_condition()
        return f"({self._table}.is_on AND {condition})", params


class Service(Job):
    """A recurring job: after a run, the row waits for the next one."""

    name = models.CharField(pgettext_lazy("title", "name"), max_length=200, unique=True)
    is_on = models.BooleanField(_("enabled"), default=True)
    schedule = models.CharField(
        _("schedule"),
        max_length=100,
        blank=True,
        validators=[check_schedule],
        help_text=_(
            "30s, 5m, 2h, 1d, or a crontab line: 0 9 * * 1-5. Empty: the default from the code."
        ),
    )
    started_at = models.DateTimeField(_("last run"), null=True, blank=True)
    duration = models.DurationField(_("duration"), null=True, blank=True)
    runs = models.PositiveBigIntegerField(_("runs"), default=0)
    failures = models.PositiveBigIntegerField(_("failures"), default=0)

    objects = ServiceManager()

    # The description in the code, set by the admin.
    title = ""

    class Meta:
        ordering = ("name",)
        verbose_name = _("service")
        verbose_name_plural = _("services")

    def __str__(self) -> str:
        return self.title or self.name

    def end_run(self, pause: timedelta, seconds: float, error: str) -> None:
        """Store the result of the run and the due time of the next one. Raises LostClaim."""
        counts: dict[str, Any] = {"runs": self.runs + 1, "failures": self.failures + bool(error)}
        self.write(
            state=State.WAITING,
            attempts=self.attempts % MAX_CLAIM_COUNT,
            claimed_until=None,
            due_at=FromNow(pause.total_seconds()),
            error=error,
            duration=timedelta(seconds=seconds),
            **counts,
        )
