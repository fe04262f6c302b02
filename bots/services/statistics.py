"""Counting what happened, minute by minute, from the rows that tell it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Min, QuerySet
from django.utils import timezone

from bots.models import ApiCall, Minute, Update
from bots.models.jobs import State

MINUTE = timedelta(minutes=1)
# Minutes that are counted anew, for what ended later than it came.
RECOUNTED = 5
# Times of a minute that the percentiles are taken of: enough for them, and few enough to read.
MAX_TIMES = 10_000


def count_minutes() -> None:
    """Count the last minutes that are over, and those again in which something may have ended."""
    end = timezone.now().replace(second=0, microsecond=0)
    counted = [row for back in range(1, RECOUNTED + 1) for row in _count(end - back * MINUTE)]
    Minute.objects.bulk_create(
        counted,
        update_conflicts=True,
        unique_fields=["bot", "minute"],
        update_fields=["updates", "failed", "calls", "refused", "p50", "p99"],
    )
    _note_queues(end - MINUTE)


def _note_queues(minute: datetime) -> None:
    """Note how long the oldest open update of each bot has been there."""
    oldest = Update.objects.open().order_by().values("bot").annotate(since=Min("created_at"))
    now = timezone.now()
    rows = [
        Minute(bot_id=it["bot"], minute=minute, queue_age=(now - it["since"]).total_seconds())
        for it in oldest
    ]
    Minute.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["bot", "minute"],
        update_fields=["queue_age"],
    )


def _count(minute: datetime) -> Iterable[Minute]:
    rows: defaultdict[int, Minute] = defaultdict(lambda: Minute(minute=minute))
    end = minute + MINUTE
    _count_updates(rows, Update.objects.filter(created_at__gte=minute, created_at__lt=end))
    _count_calls(rows, ApiCall.objects.filter(at__gte=minute, at__lt=end))
    for bot_id, row in rows.items():
        row.bot_id = bot_id
    return rows.values()


def _count_updates(rows: dict[int, Minute], updates: QuerySet[Update]) -> None:
    took: defaultdict[int, list[float]] = defaultdict(list)
    ends = updates.values_list("bot_id", "state", "created_at", "finished_at")
    for bot_id, state, came, ended in ends.order_by("created_at").iterator():
        rows[bot_id].updates += 1
        rows[bot_id].failed += state == State.FAILED
        if ended is not None and len(took[bot_id]) < MAX_TIMES:
            took[bot_id].append((ended - came).total_seconds())
    for bot_id, times in took.items():
        rows[bot_id].p50, rows[bot_id].p99 = percentile(times, 50), percentile(times, 99)


def _count_calls(rows: dict[int, Minute], calls: QuerySet[ApiCall]) -> None:
    for bot_id, status in calls.values_list("bot_id", "status").iterator():
        rows[bot_id].calls += 1
        rows[bot_id].refused += status is None or status >= 400


def percentile(values: list[float], percent: int) -> float | None:
    """Return the smallest value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None
