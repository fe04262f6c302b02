"""Ringing for a worker: the row is the job, so a bell that nobody hears loses nothing."""

import logging
import time
from typing import Any

from celery import Celery, current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


class Doorbell:
    """Sends tasks by name. After a failure it stays silent for a while, because a broker that
    hangs must not hold up requests."""

    def __init__(self, app: Celery = current_app, silence: float = 5.0) -> None:
        self.app = app
        self.silence = silence
        self._silent_until = 0.0

    def ring(self, task: str, *args: Any, delay: float = 0, expires: float | None = None) -> None:
        """Ask a worker to run the task in `delay` seconds, if it comes to that before `expires`.

        Without a broker nothing is raised: the sweep will find the row instead.
        """
        if time.monotonic() < self._silent_until:
            return
        try:
            self.app.send_task(task, args, countdown=delay or None, expires=expires, retry=False)
        except OperationalError:
            self._silent_until = time.monotonic() + self.silence
            logger.warning("The broker is away; the sweep will take up what is due.")


ring = Doorbell().ring
