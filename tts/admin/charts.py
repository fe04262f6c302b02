"""Statistics of the last 24 hours: audio made and failed by hour, and by engine."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.translation import gettext_lazy

from jobs.rows import State
from tts import engines
from tts.engines.breaker import State as BreakerState
from tts.errors import EngineFailed
from tts.models import Audio

HOURS = 24
# How a state of the circuit breaker is shown.
BREAKERS = {
    BreakerState.CLOSED: gettext_lazy("working"),
    BreakerState.OPEN: gettext_lazy("paused after failures"),
    BreakerState.HALF_OPEN: gettext_lazy("being tested"),
}


@dataclass(frozen=True)
class EngineLine:
    """The statistics of an engine, and the state of its circuit breaker with the reason."""

    label: str
    voices: int
    made: int
    failed: int
    fell_back: int
    breaker: str
    reason: str


def hours() -> tuple[list[str], list[int], list[int]]:
    """Return the labels of the last 24 hours, and the numbers of audio made and failed in each."""
    now = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    begin = [now - timedelta(hours=ago) for ago in reversed(range(HOURS))]
    ended = Audio.objects.filter(finished_at__gte=begin[0]).order_by()
    rows = ended.annotate(hour=TruncHour("finished_at")).values_list("hour", "state")
    found = {(hour, state): count for hour, state, count in rows.annotate(Count("pk"))}
    return (
        [f"{hour:%H}:00" for hour in begin],
        _of(State.DONE, begin, found),
        _of(State.FAILED, begin, found),
    )


def _of(state: State, begin: Iterable[datetime], found: dict[Any, int]) -> list[int]:
    return [found.get((hour, state.value), 0) for hour in begin]


def engine_lines() -> list[EngineLine]:
    """Return the statistics of every engine."""
    since = timezone.now() - timedelta(hours=HOURS)
    rows = Audio.objects.filter(finished_at__gte=since).order_by().values("engine")
    counts: dict[str, dict[str, Any]] = {
        row["engine"]: row
        for row in rows.annotate(
            made=Count("pk", filter=Q(state=State.DONE)),
            failed=Count("pk", filter=Q(state=State.FAILED)),
            fell_back=Count("pk", filter=~Q(fell_back="")),
        )
    }
    return [_line(engine, counts.get(name, {})) for name, engine in engines.engines().items()]


def _line(engine: Any, counts: dict[str, Any]) -> EngineLine:
    breaker, reason = _breaker_of(engine)
    return EngineLine(
        engine.label,
        len(engine.voices()),
        counts.get("made", 0),
        counts.get("failed", 0),
        counts.get("fell_back", 0),
        breaker,
        reason,
    )


def _breaker_of(engine: Any) -> tuple[str, str]:
    """Return state and reason of an engine's circuit breaker; ("", "") if it has none."""
    breaker = getattr(engine, "breaker", None)
    if breaker is None:
        return "", ""
    try:
        trip = breaker.trip()
        return str(BREAKERS[breaker.state()]), trip.reason if trip else ""
    except EngineFailed as error:
        return str(BREAKERS[BreakerState.OPEN]), str(error)
