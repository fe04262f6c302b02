from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from bots.models import ApiCall, Delivery, Minute, Update
from bots.models.jobs import State
from bots.services import pruning, statistics

pytestmark = pytest.mark.django_db


def came(bot: Any, key: str, at: Any, state: Any = State.DONE, seconds: float | None = 1) -> Update:
    update = Update.objects.create(bot=bot, key=key, kind="message.new", raw="{}", state=state)
    ended = at + timedelta(seconds=seconds) if seconds is not None else None
    Update.objects.filter(pk=update.pk).update(created_at=at, finished_at=ended)
    return update


def test_a_minute_is_counted_once_it_is_over_and_again_for_what_ends_late(bot: Any) -> None:
    minute = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=1)
    for number in range(1, 101):
        came(bot, f"a{number}", minute, seconds=number / 10)
    late = came(bot, "late", minute + timedelta(seconds=59), State.WORKING, None)
    came(bot, "now", timezone.now())
    ApiCall.objects.create(bot=bot, at=minute, method="m", status=201, payload="")
    ApiCall.objects.create(bot=bot, at=minute, method="m", status=None, payload="")

    statistics.count_minutes()

    (row,) = Minute.objects.filter(minute=minute)
    assert (row.updates, row.failed, row.calls, row.refused) == (101, 0, 2, 1)
    assert (row.p50, row.p99) == (5.0, 9.9)

    Update.objects.filter(pk=late.pk).update(state=State.FAILED)
    statistics.count_minutes()
    assert Minute.objects.get(minute=minute).failed == 1


def test_a_minute_of_nothing_leaves_no_row(bot: Any) -> None:
    statistics.count_minutes()

    assert not Minute.objects.exists()


def test_a_minute_is_named_by_the_time_of_the_site(bot: Any) -> None:
    row = Minute(bot=bot, minute=datetime(2026, 11, 28, 22, 30, tzinfo=UTC))

    with timezone.override("Europe/Moscow"):
        assert "01:30" in str(row)


def test_what_is_old_and_ended_is_deleted_and_nothing_else(
    bot: Any, settings: SettingsWrapper
) -> None:
    settings.BOTS_KEEP_DAYS = 30
    old, recent = timezone.now() - timedelta(days=31), timezone.now() - timedelta(days=29)
    gone = came(bot, "old", old)
    came(bot, "old but waiting", old, State.WAITING)
    came(bot, "recent", recent)
    rest = Update.objects.create(bot=bot, key="rest", kind="", raw="{}", continues=gone)
    Update.objects.filter(pk=rest.pk).update(created_at=old, state=State.DONE)
    answer = Delivery.objects.create(bot=bot, method="m", payload={}, update=gone)
    Minute.objects.create(bot=bot, minute=old)

    deleted = pruning.prune()

    assert deleted == {
        "deliveries": 0,
        "updates": 2,
        "api calls": 0,
        "conversations": 0,
        "minutes": 1,
    }
    assert {it.key for it in Update.objects.all()} == {"old but waiting", "recent"}
    answer.refresh_from_db()
    assert answer.update is None
