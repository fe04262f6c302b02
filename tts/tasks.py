"""Celery tasks. Each may run twice or not at all without harm; the work is in the rows."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown

from jobs.pacing import paced
from tts.worker import sweep as sweeps
from tts.worker.pool import pool

# Seconds for which a worker that shuts down waits for its threads.
STOP_TIMEOUT = 3.0


@shared_task(name="tts.make")
def make() -> None:
    """Claim the audio that waits."""
    pool.wake()


@shared_task(name="tts.sweep")
@paced("TTS_SWEEP_EVERY")
def sweep() -> None:
    """Ring for the audio that waits."""
    sweeps.sweep()


@shared_task(name="tts.tend")
def clean_up() -> None:
    """Verify the files and delete old ones."""
    sweeps.clean_up()


@worker_ready.connect
def sweep_at_start(**_: Any) -> None:
    """Sweep without waiting for beat: this worker may be the first one after a crash."""
    sweep.apply_async(retry=False)


@worker_shutdown.connect
def stop_synthesis(**_: Any) -> None:
    """Stop the synthesis under way and leave it to other workers."""
    pool.stop(STOP_TIMEOUT)
