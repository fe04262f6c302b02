import time

from celery import current_app
from django.conf import settings
from pytest_django.fixtures import SettingsWrapper

from jobs.pacing import paced


def test_tasks_that_have_piled_up_run_once(settings: SettingsWrapper) -> None:
    settings.BOTS_SWEEP_EVERY = 60
    runs = []
    sweep = paced("BOTS_SWEEP_EVERY")(lambda: runs.append(1))

    for _ in range(1000):
        sweep()

    assert len(runs) == 1


def test_a_task_that_comes_in_time_runs(settings: SettingsWrapper) -> None:
    settings.BOTS_SWEEP_EVERY = 0.02
    runs = []
    sweep = paced("BOTS_SWEEP_EVERY")(lambda: runs.append(1))

    for _ in range(3):
        sweep()
        time.sleep(0.02)

    assert len(runs) == 3


def test_no_periodic_task_depends_on_the_clocks_of_two_machines() -> None:
    assert settings.CELERY_BEAT_SCHEDULE
    for entry in current_app.conf.beat_schedule.values():
        assert "expires" not in entry.get("options", {})
