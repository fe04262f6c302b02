"""The worker pool: threads of a worker process that make audio, beside its other tasks."""

import logging
import threading
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, connections

from tts.models import Audio
from tts.worker.runner import AudioRunner

logger = logging.getLogger(__name__)


class WorkerPool:
    """Up to `max_threads` threads, each of which makes audio until no row can be claimed."""

    def __init__(self, max_threads: int) -> None:
        self._max_threads = max_threads
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._wakes = 0
        self._stopping = threading.Event()
        self._runner = AudioRunner(self._stopping)

    def wake(self) -> None:
        """Start to work on what is due, with one more thread if there is room."""
        with self._lock:
            self._wakes += 1
            if len(self._threads) < self._max_threads and not self._stopping.is_set():
                thread = threading.Thread(target=self._work, name="tts-worker", daemon=True)
                self._threads.add(thread)
                thread.start()

    def stop(self, seconds: float) -> None:
        """Release what is being made to other workers; wait up to `seconds` for the threads."""
        self._stopping.set()
        deadline = monotonic() + seconds
        for thread in list(self._threads):
            thread.join(max(0.0, deadline - monotonic()))

    def _work(self) -> None:
        try:
            while self._work_on_next():
                pass
        except DatabaseError as error:
            logger.error("The database is down; the sweep will ring for the job: %s", error)
        except Exception:
            logger.exception("Making audio failed.")
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())
            connections.close_all()

    def _work_on_next(self) -> bool:
        """Make the audio that is next; False if there was none and no `wake` came meanwhile."""
        wakes = self._wakes
        audio = None if self._stopping.is_set() else Audio.objects.claim_next()
        if audio is not None:
            self._runner.work(audio)
            return True
        with self._lock:
            if self._wakes != wakes and not self._stopping.is_set():
                return True
            self._threads.discard(threading.current_thread())
            return False


pool = WorkerPool(settings.TTS_CONCURRENCY)
"""The pool of this process."""
