"""The charts of the overview, drawn from Minute rows."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Max, Sum
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bots.models import Minute

MAIN, BAD, CALM = "var(--color-primary-500)", "#dc2626", "#94a3b8"
LABELS_SHOWN = 7


@dataclass(frozen=True)
class Span:
    """The time range of charts and the duration of each point."""

    name: Any
    length: timedelta
    step: timedelta


SPANS = {
    "hour": Span(gettext_lazy("Hour"), timedelta(hours=1), timedelta(minutes=1)),
    "day": Span(gettext_lazy("Day"), timedelta(days=1), timedelta(minutes=15)),
    "month": Span(gettext_lazy("Month"), timedelta(days=30), timedelta(hours=12)),
}


@dataclass
class Point:
    """The values of one point: p50 is a weighted mean over minutes and bots, p99 the maximum."""

    updates: int = 0
    failed: int = 0
    calls: int = 0
    refused: int = 0
    queue_age: float = 0
    seconds: float = 0
    timed: int = 0
    p99: float = 0

    def add(self, row: dict[str, Any]) -> None:
        for name in ("updates", "failed", "calls", "refused"):
            setattr(self, name, getattr(self, name) + row[name])
        if row["seconds"] is not None:
            self.seconds += row["seconds"]
            self.timed += row["updates"]
        self.p99 = max(self.p99, row["p99"] or 0)
        self.queue_age = max(self.queue_age, row["queue_age"])

    @property
    def p50(self) -> float:
        return self.seconds / self.timed if self.timed else 0


@dataclass(frozen=True)
class Legend:
    name: str
    colour: str
    last: str
    most: str


@dataclass(frozen=True)
class Chart:
    title: str
    legend: list[Legend]
    data: str


def charts(bot: int | None, span: Span) -> list[Chart]:
    """Return the charts of a bot, or of all bots together, with one query."""
    # The last minute may not be counted yet.
    end = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=1)
    points = _points(bot, end - span.length, end, span.step)
    labels = [_label(end - span.length + span.step * index, span) for index in range(len(points))]
    per_minute = span.step / timedelta(minutes=1)
    return [_chart(title, lines, labels, points, per_minute) for title, lines in _kinds()]


Line = tuple[str, str, Callable[[Point], float], bool]


def _kinds() -> Iterator[tuple[str, list[Line]]]:
    """Yield charts: title and lines with name, colour, value, and whether it is per minute."""
    yield (
        _("Updates per minute"),
        [
            (_("all"), MAIN, lambda it: it.updates, True),
            (_("failed"), BAD, lambda it: it.failed, True),
        ],
    )
    yield (
        _("Calls per minute"),
        [
            (_("all"), MAIN, lambda it: it.calls, True),
            (_("failed"), BAD, lambda it: it.refused, True),
        ],
    )
    yield (
        _("Time from arrival to completion, s"),
        [
            (_("median"), MAIN, lambda it: it.p50, False),
            ("p99", CALM, lambda it: it.p99, False),
        ],
    )
    yield (
        _("Age of the oldest unfinished update, s"),
        [(_("age"), MAIN, lambda it: it.queue_age, False)],
    )


def _points(bot: int | None, start: datetime, end: datetime, step: timedelta) -> list[Point]:
    points = [Point() for _index in range(round((end - start) / step))]
    rows = Minute.objects.filter(minute__gte=start, minute__lt=end)
    if bot is not None:
        rows = rows.filter(bot=bot)
    sums = {name: Sum(name) for name in ("updates", "failed", "calls", "refused")}
    worst = {"p99": Max("p99"), "queue_age": Max("queue_age")}
    counted = rows.values("minute").annotate(seconds=Sum(F("p50") * F("updates")), **sums, **worst)
    for row in counted:
        points[int((row["minute"] - start) / step)].add(row)
    return points


def _label(moment: datetime, span: Span) -> str:
    local = timezone.localtime(moment)
    return formats.date_format(local, "H:i" if span.length <= timedelta(days=1) else "d.m.")


def _chart(
    title: str, lines: list[Line], labels: list[str], points: list[Point], per_minute: float
) -> Chart:
    datasets: list[dict[str, Any]] = [
        {
            "label": name,
            "data": [round(value(it) / (per_minute if is_rate else 1), 3) for it in points],
            "borderColor": colour,
            "backgroundColor": colour,
            "displayYAxis": True,
            "maxTicksXLimit": LABELS_SHOWN,
        }
        for name, colour, value, is_rate in lines
    ]
    legend = [
        Legend(it["label"], it["borderColor"], _number(it["data"][-1]), _number(max(it["data"])))
        for it in datasets
    ]
    return Chart(title, legend, json.dumps({"labels": labels, "datasets": datasets}))


def _number(value: float) -> str:
    return formats.number_format(int(value) if value == int(value) else value)
