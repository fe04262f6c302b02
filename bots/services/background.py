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

from bots import schedules
from bots.jobs import LostClaim, State, kept
from bots.models import Service
from bots.schedules import BadSchedule, Schedule
from jobs.doorbell import ring

logger = logging.getLogger(__name__)
Function = TypeVar("Function", bound=Callable[[], Any])

LONGEST_ERROR = 20_000


class BadService(TypeError):
    """A function cannot be a service."""


@dataclass(frozen=True)
class Definition:
    """A service as the code has it; the row may say something else of schedule and being on."""

    function: Callable[[], Any]
    schedule: Schedule
    at_start: bool
    is_on: bool
    limit: float
    told: Any = ""

    @property
    def name(self) -> str:
        return f"{self.function.__module__}.{self.function.__qualname__}"

    @property
    def description(self) -> str:
        """Return what it does, in the language of whoever reads it, if the code says it there."""
        return str(self.told) or inspect.cleandoc(self.function.__doc__ or "").partition("\n")[0]


registry: dict[str, Definition] = {}


def service(
    *,
    every: str | timedelta | None = None,
    cron: str | None = None,
    at_start: bool = False,
    is_on: bool = True,
    limit: float = 3600,
    description: Any = "",
) -> Callable[[Function], Function]:
    """Make a function without arguments a service; it may be async.

    every: a span, as a timedelta or as "30s", "5m", "2h", "1d"; or
    cron: a crontab line by the clock of TIME_ZONE, as "0 9 * * 1-5".
    at_start: it runs also whenever a worker starts.
    is_on: whether it runs before an administrator has said anything.
    limit: seconds after which a run is ended.
    description: what it does, for the admin; else the first line of the docstring.

    Raises BadService and BadSchedule where it is used wrongly, which is when the app is loaded.
    """
    if (every is None) == (cron is None):
        raise BadService("A service runs either `every` so often or by `cron`.")

    def register(function: Function) -> Function:
        if inspect.signature(function).parameters:
            raise BadService(f"{function.__qualname__}: a service takes no arguments.")
        schedule = _schedule(every, cron)
        definition = Definition(function, schedule, at_start, is_on, limit, description)
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
    """Give every service of the code a row, where it has none yet; those are due at once."""
    rows = [
        Service(name=one.name, is_on=one.is_on, due_at=_first(one)) for one in registry.values()
    ]
    Service.objects.bulk_create(rows, ignore_conflicts=True)


def _first(definition: Definition) -> datetime:
    """A span begins now; what goes by the clock waits for its hour."""
    now, schedule = timezone.now(), definition.schedule
    return now if isinstance(schedule, schedules.Every) else schedule.after(now)


def start() -> None:
    """Prepare the rows when a worker starts, and have run what is to run then."""
    list_services()
    names = [one.name for one in registry.values() if one.at_start]
    Service.objects.filter(name__in=names, state=State.WAITING).update(due_at=timezone.now())
    ring_for_due()


def ring_for_due() -> None:
    due = Service.objects.claimable().filter(name__in=registry)
    for name in due.values_list("name", flat=True):
        ring("bots.run_service", name, expires=settings.BOTS_SWEEP_EVERY)


def schedule_of(row: Service) -> Schedule | None:
    """Return the row's own schedule, else the code's; None for a service that the code lacks."""
    definition = registry.get(row.name)
    if definition is None:
        return None
    try:
        return schedules.read(row.schedule) if row.schedule else definition.schedule
    except BadSchedule:
        return definition.schedule


async def run(name: str) -> None:
    """Run the service if it is due, and nobody else runs it. Harmless to call at any time."""
    definition = registry.get(name)
    row = definition and await sync_to_async(_claim)(name)
    if not definition or not row:
        return
    try:
        async with kept(row):
            seconds, error = await _run(definition)
        await sync_to_async(_end)(row, seconds, error)
    except LostClaim:
        logger.warning("The service %s is left to another worker.", name)
    except asyncio.CancelledError:
        # The process is to end: another one runs the service from its beginning.
        await asyncio.shield(sync_to_async(_give_back)(row))
        raise


def _give_back(row: Service) -> None:
    with suppress(LostClaim):
        row.put_off(timedelta(0))


def _claim(name: str) -> Service | None:
    pk = Service.objects.filter(name=name).values_list("pk", flat=True).first()
    return Service.objects.claim(pk, started_at=timezone.now()) if pk else None


async def _run(definition: Definition) -> tuple[float, str]:
    """Call the service, and return how long it took and what went wrong."""
    started, error = time.monotonic(), ""
    try:
        async with asyncio.timeout(definition.limit):
            await _call(definition.function)
    except Exception as failure:
        logger.exception("The service %s failed.", definition.name)
        error = "".join(traceback.format_exception(failure))[-LONGEST_ERROR:]
    return time.monotonic() - started, error


async def _call(function: Callable[[], Any]) -> None:
    if inspect.iscoroutinefunction(function):
        await function()
    else:
        await sync_to_async(function)()


def _end(row: Service, seconds: float, error: str) -> None:
    row.end_run(_due_after_run(row), seconds, error)
    pause = (row.due_at - timezone.now()).total_seconds()
    if pause < settings.BOTS_SWEEP_EVERY:
        ring("bots.run_service", row.name, delay=max(pause, 0))


def _due_after_run(row: Service) -> datetime:
    now = timezone.now()
    schedule = schedule_of(row)
    if schedule is None:
        return now
    if isinstance(schedule, schedules.Every):
        return max(now, schedule.after(row.started_at or now))
    return schedule.after(now)
