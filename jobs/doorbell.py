"""Ringing for a worker: the row is the job, so a bell that nobody hears loses nothing."""

from typing import Any

from celery import Celery, current_app
from kombu.exceptions import OperationalError

from core.backoff import Backoff
from core.circuit_breaker import CircuitBreaker

BACKOFF = Backoff(first=5.0, factor=1.0)


class Doorbell:
    """Sends tasks by name.

    After a failure it sends nothing for a while, because a broker that hangs must not hold up
    requests.
    """

    def __init__(self, app: Celery = current_app, backoff: Backoff = BACKOFF) -> None:
        self.app = app
        self._breaker = CircuitBreaker(
            "The broker of tasks", (OperationalError,), OperationalError, backoff
        )

    def ring(self, task: str, *args: Any, delay: float = 0) -> None:
        """Ask a worker to run the task in `delay` seconds.

        Without a broker nothing is raised: the sweep will find the row instead.
        """
        try:
            mark = self._breaker.begin()
        except OperationalError:
            return
        error: Exception | None = None
        try:
            self.app.send_task(task, args, countdown=delay or None, retry=False)
        except OperationalError as failure:
            error = failure
        finally:
            self._breaker.end(mark, error)


ring = Doorbell().ring
