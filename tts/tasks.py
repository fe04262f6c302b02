"""Celery tasks: bells, any of which may ring twice or never without harm."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown

from tts import sweep as sweeping
from tts.crew import crew

# Seconds that a worker which is told to end gives to threads that are in the middle of a sound.
PATIENCE = 3.0


@shared_task(name="tts.make")
def make() -> None:
    crew.wake()


@shared_task(name="tts.sweep")
def sweep() -> None:
    sweeping.sweep()


@shared_task(name="tts.tend")
def tend() -> None:
    sweeping.tend()


@worker_ready.connect
def sweep_at_start(**_: Any) -> None:
    """Do not wait for beat: a worker that starts may be the first one after a crash."""
    sweep.apply_async(retry=False)


@worker_shutdown.connect
def leave_to_others(**_: Any) -> None:
    crew.end(PATIENCE)
