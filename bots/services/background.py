"""Background services: functions that run by a schedule, one at a time over all machines.

    @service(every="5m")
    async def look_around() -> None: ...

in the `services.py` of any app. Each service is a row that administrators see and change.
"""

import asyncio
import inspect
import logging
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from bots.framework.routing import injection
from bots.models import Service, schedules
from bots.models.jobs import LostClaim, State
from bots.models.schedules import BadSchedule, Schedule
from bots.services import threads
from jobs.database_clock import FromNow
from jobs.doorbell import ring
from jobs.runner import Runner

logger = logging.getLogger(__name__)
Function = TypeVar("Function", bound=Callable[[], Any])

MAX_ERROR = 20_000


class BadService(TypeError):
    """A function cannot be a service."""


@dataclass(frozen=True)
class Definition:
    """A service as the code declares it; the row may override the schedule and `is_on`."""

    function: Callable[[], Any]
    schedule: Schedule
    at_start: bool
    is_on: bool
    limit: float
    given_description: Any = ""
    row_name: str = ""

    @property
    def name(self) -> str:
        return self.row_name or f"{self.function.__module__}.{self.function.__qualname__}"

    @property
    def is_async(self) -> bool:
        """Whether it runs on the event loop, as does a plain wrapper around an async function."""
        return inspect.iscoroutinefunction(inspect.unwrap(self.function))

    @property
    def description(self) -> str:
        """What it does: as the code describes it, else the first line of the docstring."""
        return (
            str(self.given_description)
            or inspect.cleandoc(self.function.__doc__ or "").partition("\n")[0]
        )


registry: dict[str, Definition] = {}


def service(
    *,
    every: str | timedelta | None = None,
    cron: str | None = None,
    at_start: bool = False,
    is_on: bool = True,
    limit: float = 3600,
    description: Any = "",
    name: str = "",
) -> Callable[[Function], Function]:
    """Make a function without arguments a service; it may be async.

    every: a span, as a timedelta or as "30s", "5m", "2h", "1d"; or
    cron: a crontab line by the clock of TIME_ZONE, as "0 9 * * 1-5".
    at_start: it runs also whenever a worker starts.
    is_on: whether it runs before an administrator has said anything.
    limit: seconds after which an async run is cancelled, and a plain one reported in the admin and
        the log: a thread cannot be stopped, and the next run waits until it has ended.
    description: what it does, for the admin; else the first line of the docstring.
    name: the name of its row; else the module and the function. Give the former name when you move
        a function: the row, with what administrators have set, stays its own.

    Raises BadService and BadSchedule where it is used wrongly, which is when the app is loaded.
    """
    if (every is None) == (cron is None):
        raise BadService("A service runs either `every` so often or by `cron`.")

    def register(function: Function) -> Function:
        if inspect.signature(function).parameters:
            raise BadService(f"{function.__qualname__}: a service takes no arguments.")
        schedule = _schedule(every, cron)
        definition = Definition(function, schedule, at_start, is_on, limit, description, name)
        registry[definition.name] = definition
        return function

    return register


def _schedule(every: str | timedelta | None, cron: str | None) -> Schedule:
    if cron is not None:
        return schedules.cron(cron)
    return schedules.every(every) if isinstance(every, timedelta) else schedules.read(every or "")


def autodiscover() -> None:
    """Load the `services` module of every app."""
    autodiscover_modules("services")


def list_services() -> None:
    """Create a row for every service of the code that has none yet; new ones are due at once."""
    rows = [
        Service(name=one.name, is_on=one.is_on, due_at=_first_run(one)) for one in registry.values()
    ]
    Service.objects.bulk_create(rows, ignore_conflicts=True)


def _first_run(definition: Definition) -> datetime:
    """An interval begins now; a crontab schedule waits for its time."""
    now, schedule = timezone.now(), definition.schedule
    return now if isinstance(schedule, schedules.Every) else schedule.after(now)


def start() -> None:
    """Prepare the rows when a worker starts, and ring for the services that run at the start."""
    list_services()
    names = [one.name for one in registry.values() if one.at_start]
    Service.objects.filter(name__in=names, state=State.WAITING).update(due_at=FromNow())
    ring_for_due()


def ring_for_due() -> None:
    due = Service.objects.claimable().filter(name__in=registry)
    for name in due.values_list("name", flat=True):
        ring("bots.run_service", name)


def schedule_of(row: Service) -> Schedule | None:
    """Return the row's own schedule, else the code's; None for a service that the code lacks."""
    definition = registry.get(row.name)
    if definition is None:
        return None
    try:
        return schedules.read(row.schedule) if row.schedule else definition.schedule
    except BadSchedule:
        return definition.schedule


def is_over_limit(row: Service) -> bool:
    """Return whether the run that is under way has exceeded the limit that the code sets."""
    definition = registry.get(row.name)
    if definition is None or row.state != State.WORKING or row.started_at is None:
        return False
    return timezone.now() > row.started_at + timedelta(seconds=definition.limit)


class ServiceRunner(Runner[Service, float]):
    """Runs services; the result is how many seconds a run took. A failed run is not retried."""

    async def run(self, job: Service) -> float:
        definition = registry[job.name]
        if not definition.is_async:
            return await threads.run_in_thread(job, definition.function, definition.limit)
        started = time.monotonic()
        async with asyncio.timeout(definition.limit):
            await injection.Function(definition.function)()
        return time.monotonic() - started

    def complete(self, job: Service, result: float) -> None:
        self._end_run(job, result, "")

    def fail(self, job: Service, error: Exception) -> None:
        logger.error("The service %s failed.", job.name, exc_info=error)
        seconds = (timezone.now() - (job.started_at or timezone.now())).total_seconds()
        is_limit = isinstance(error, threads.LimitExceeded)
        text = str(error) if is_limit else "".join(traceback.format_exception(error))
        self._end_run(job, seconds, text)

    def release(self, job: Service) -> None:
        """Let another worker run the service from its beginning, unless its thread goes on."""
        if not threads.is_alive(job.name):
            with suppress(LostClaim):
                job.postpone(timedelta(0))

    def _end_run(self, job: Service, seconds: float, error: str) -> None:
        pause = _pause_after_run(job)
        job.end_run(pause, seconds, error[-MAX_ERROR:])
        if pause.total_seconds() < settings.BOTS_SWEEP_EVERY:
            ring("bots.run_service", job.name, delay=pause.total_seconds())


runner = ServiceRunner()


async def run(name: str) -> None:
    """Run the service if it is due and not running anywhere. Harmless to call at any time."""
    if name in registry and not threads.is_alive(name):
        await runner.work(await sync_to_async(_claim)(name))


def _claim(name: str) -> Service | None:
    pk = Service.objects.filter(name=name).values_list("pk", flat=True).first()
    return Service.objects.claim(pk, started_at=timezone.now()) if pk else None


def _pause_after_run(row: Service) -> timedelta:
    """Return how long it is until the next run. Schedules are by the clock of this host."""
    now = timezone.now()
    schedule = schedule_of(row)
    if schedule is None:
        return timedelta(0)
    start = (row.started_at or now) if isinstance(schedule, schedules.Every) else now
    return max(schedule.after(start) - now, timedelta(0))
