"""Celery beat in a thread of a worker, for installations with a single worker."""

from typing import Any

from celery import bootsteps
from celery.beat import EmbeddedService
from click import Option

WITH_BEAT = Option(
    ["--with-beat"], is_flag=True, help="Run beat in this worker; at most one worker may have it."
)


class EmbeddedBeat(bootsteps.StartStopStep):
    """Runs beat in a thread of a worker that was started with --with-beat.

    Celery's own option --beat starts a process, which takes as much memory as a worker.
    """

    conditional = True

    def __init__(self, worker: Any, with_beat: bool = False, **options: Any) -> None:
        super().__init__(worker, **options)
        self.enabled = with_beat

    def create(self, worker: Any) -> Any:
        """Return beat as a thread of the worker."""
        return EmbeddedService(
            worker.app, thread=True, scheduler_cls=worker.app.conf.beat_scheduler
        )

    def stop(self, worker: Any) -> None:
        """Stop beat without waiting for its next task."""
        # EmbeddedService.stop() waits until the next task is due. The thread is a daemon.
        self.obj.service.stop()
