"""Schedules: an interval or a crontab line."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from cronsim import CronSim, CronSimError
from django.utils import timezone
from django.utils.translation import gettext as _

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
EVERY = re.compile(r"(\d{1,9})\s*([smhd])", re.IGNORECASE)
SHORTEST, LONGEST = timedelta(seconds=1), timedelta(days=366)


class BadSchedule(ValueError):
    """The text is neither an interval such as 30s, 5m, 2h or 1d, nor a crontab line."""


class Schedule(Protocol):
    def after(self, moment: datetime) -> datetime:
        """Return the first due time after `moment`."""

    def __str__(self) -> str:
        """Return the text from which `read` creates this schedule."""


@dataclass(frozen=True)
class Every:
    span: timedelta

    def after(self, moment: datetime) -> datetime:
        return moment + self.span

    def __str__(self) -> str:
        seconds = int(self.span.total_seconds())
        unit = next(name for name in "dhms" if seconds % SECONDS[name] == 0)
        return f"{seconds // SECONDS[unit]}{unit}"


@dataclass(frozen=True)
class Cron:
    """A crontab line in TIME_ZONE: "0 9 * * 1-5" is nine o'clock on working days."""

    line: str

    def after(self, moment: datetime) -> datetime:
        return next(CronSim(self.line, timezone.localtime(moment)))

    def __str__(self) -> str:
        return self.line


def read(text: str) -> Schedule:
    """Parse a schedule. Raises BadSchedule."""
    text = text.strip()
    if found := EVERY.fullmatch(text):
        return every(timedelta(seconds=int(found[1]) * SECONDS[found[2].lower()]))
    return cron(text)


def every(span: timedelta) -> Every:
    if not SHORTEST <= span <= LONGEST:
        raise BadSchedule(_("The interval must be between 1 second and 1 year."))
    return Every(span)


def cron(line: str) -> Cron:
    schedule = Cron(line)
    try:
        schedule.after(timezone.now())
    except (CronSimError, StopIteration) as error:
        raise BadSchedule(
            _(
                "Enter an interval, such as 30s, 5m, 2h or 1d, or a crontab line, such as 0 9"
                " * * 1-5."
            )
        ) from error
    return schedule
