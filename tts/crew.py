"""The threads of a worker that make audio: few, so that other tasks go on beside them."""

import logging
import threading
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, connections

from tts.making import make
from tts.models import Audio

logger = logging.getLogger(__name__)


class Crew:
    """Up to `most` threads that take the rows that wait, until there are none."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._at_work: set[threading.Thread] = set()
        self._rings = 0
        self._ending = threading.Event()

    def wake(self) -> None:
        """Have what waits taken, by one more thread if not all are at work."""
        with self._lock:
            self._rings += 1
            if len(self._at_work) < self._most and not self._ending.is_set():
                maker = threading.Thread(target=self._work, name="tts-maker", daemon=True)
                self._at_work.add(maker)
                maker.start()

    def end(self, seconds: float) -> None:
        """Stop what is being made, and leave it to others."""
        self._ending.set()
        until = monotonic() + seconds
        for maker in list(self._at_work):
            maker.join(max(0.0, until - monotonic()))

    def _work(self) -> None:
        try:
            while self._make_next():
                pass
        except DatabaseError as error:
            logger.error("The database is away; the sweep will take the job up: %s", error)
        except Exception:
            logger.exception("Making audio failed.")
        finally:
            with self._lock:
                self._at_work.discard(threading.current_thread())
            connections.close_all()

    def _make_next(self) -> bool:
        """Make what waits longest; False when nothing does and nobody has rung meanwhile."""
        rings = self._rings
        audio = None if self._ending.is_set() else Audio.objects.claim_next()
        if audio is not None:
            make(audio, self._ending)
            return True
        with self._lock:
            if self._rings != rings and not self._ending.is_set():
                return True
            self._at_work.discard(threading.current_thread())
            return False


crew = Crew(settings.TTS_CONCURRENCY)
"""The crew of this process."""
