from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.models import schedules
from bots.models.schedules import BadSchedule

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=MOSCOW)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30s", NOON + timedelta(seconds=30)),
        (" 5M ", NOON + timedelta(minutes=5)),
        ("2h", NOON + timedelta(hours=2)),
        ("1d", NOON + timedelta(days=1)),
        ("*/15 * * * *", NOON + timedelta(minutes=15)),
        ("0 9 * * 1-5", datetime(2026, 11, 25, 9, 0, tzinfo=MOSCOW)),
        ("0 9 * * 6", datetime(2026, 11, 28, 9, 0, tzinfo=MOSCOW)),
    ],
)
def test_a_schedule_tells_when_it_is_due_next(text: str, expected: Any) -> None:
    assert schedules.read(text).after(NOON) == expected


def test_a_crontab_line_goes_by_the_clock_on_the_wall() -> None:
    midnight_utc = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)

    assert schedules.read("0 9 * * *").after(midnight_utc).astimezone(UTC).hour == 6


@pytest.mark.parametrize(
    "text", ["", "5", "5 minutes", "0s", "367d", "* * * *", "61 * * * *", "0 0 30 2 *", "every day"]
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(BadSchedule):
        schedules.read(text)


@given(st.text(max_size=30))
def test_any_text_is_a_schedule_or_refused(text: Any) -> None:
    try:
        schedule = schedules.read(text)
    except BadSchedule:
        return
    assert schedule.after(NOON) > NOON


@given(st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=366)))
def test_a_span_is_written_as_it_is_read(span: Any) -> None:
    schedule = schedules.every(timedelta(seconds=int(span.total_seconds())))

    assert schedules.read(str(schedule)) == schedule
