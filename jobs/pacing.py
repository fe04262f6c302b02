"""Periodic tasks that have piled up in the broker run once, not once for each."""

import time
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import TypeVar

from django.conf import settings

Task = TypeVar("Task", bound=Callable[[], None])


def paced(period: str) -> Callable[[Task], Task]:
    """Skip calls of a periodic task that follow the one before in less than half its period.

    `period` names the setting with the seconds. Celery's `expires` is no substitute: it compares
    the clock of beat with the worker's, so a worker whose clock is ahead would drop every task.
    Here each process uses its own monotonic clock.
    """

    def decorate(task: Task) -> Task:
        lock = Lock()
        last = float("-inf")

        @wraps(task)
        def run() -> None:
            nonlocal last
            with lock:
                now = time.monotonic()
                if now - last < getattr(settings, period) / 2:
                    return
                last = now
            task()

        return run  # type: ignore[return-value]  # the same signature: nothing in, nothing out

    return decorate
