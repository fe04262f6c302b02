"""The process's event loop for jobs: on a thread of its own, with few threads for the database."""

import asyncio
import atexit
import logging
import os
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for_all
from typing import Any, TypeVar

import uvloop
from asgiref.sync import SyncToAsync, ThreadSensitiveContext
from django.conf import settings
from django.db import Error, connections

from bots.api import close as close_connections

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
Job = Coroutine[Any, Any, Result]
# Seconds; a job that never lets go of the loop must not hold up the end of the process.
STOPS_WITHIN = 2


class Loop:
    """An event loop on which any number of jobs wait side by side.

    A job that waits costs no thread. What it does with the database, and handlers that are not
    asynchronous, take turns on `threads` threads, each of which keeps one connection.
    """

    def __init__(self, most: int, threads: int) -> None:
        self.threads = Threads(threads, "bots")
        self._room = threading.BoundedSemaphore(most)
        self._jobs: set[Future[Any]] = set()
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="bots-loop", daemon=True)
        self._thread.start()
        atexit.register(self._stop)

    def submit(self, job: Job[Result]) -> Future[Result]:
        """Start the job, from any thread, and return its future."""
        future = asyncio.run_coroutine_threadsafe(self._with_threads(job), self._loop)
        self._jobs.add(future)
        future.add_done_callback(self._jobs.discard)
        return future

    def spawn(self, job: Job[None]) -> None:
        """Start the job and return; waits while `most` jobs are under way. Failures are logged."""
        self._room.acquire()
        self.submit(job).add_done_callback(self._ended)

    def offer(self, job: Job[None]) -> bool:
        """Start the job if fewer than `most` are under way; tell whether it was started."""
        if not self._room.acquire(blocking=False):
            job.close()
            return False
        self.submit(job).add_done_callback(self._ended)
        return True

    def drain(self, seconds: float) -> None:
        """Let the jobs end, and what they start, and cancel what takes longer than `seconds`."""
        end = time.monotonic() + seconds
        while self._jobs and (left := end - time.monotonic()) > 0:
            wait_for_all(set(self._jobs), left)
        for future in set(self._jobs):
            future.cancel()
        # What was cancelled gives its row back.
        wait_for_all(set(self._jobs), 1)

    def close(self) -> None:
        """End the loop and its threads; their connections are closed."""
        self._stop()
        self.threads.close()

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(close_connections())
        self._loop.close()

    def _stop(self) -> None:
        atexit.unregister(self._stop)
        if self._thread.is_alive():  # which it is not in a process that was forked
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(STOPS_WITHIN)

    async def _with_threads(self, job: Job[Result]) -> Result:
        self.threads.serve_this_task()
        return await job

    def _ended(self, future: Future[None]) -> None:
        self._room.release()
        if future.cancelled() or (error := future.exception()) is None:
            return
        if isinstance(error, Error):
            logger.error("The database is away; the sweep will take the job up: %s", error)
        else:
            logger.error("A job failed.", exc_info=error)


class Threads(ThreadPoolExecutor):
    """Threads that keep their database connections, as long as those are sound."""

    def __init__(self, most: int, name: str) -> None:
        super().__init__(most, thread_name_prefix=name)
        self._context = ThreadSensitiveContext()
        SyncToAsync.context_to_thread_executor[self._context] = self

    def serve_this_task(self) -> None:
        """Run what this asyncio task does with the database, and what it starts, in here."""
        SyncToAsync.thread_sensitive_context.set(self._context)

    def close(self) -> None:
        """Take no more work, and close the connections."""
        everybody = threading.Barrier(self._max_workers)
        for _ in range(self._max_workers):
            super().submit(_leave, everybody)
        self.shutdown()

    def submit(self, work: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        return super().submit(_cleanly, work, *args, **kwargs)


def _cleanly(work: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    try:
        return work(*args, **kwargs)
    finally:
        for connection in connections.all(initialized_only=True):
            if connection.errors_occurred:
                connection.close()


def _leave(everybody: threading.Barrier) -> None:
    connections.close_all()
    everybody.wait()  # so that each thread comes here once


_loops: dict[int, Loop] = {}
_starting = threading.Lock()


def here() -> Loop:
    """Return the loop of this process."""
    with _starting:
        pid = os.getpid()  # a forked process needs a loop of its own
        if pid not in _loops:
            _loops[pid] = Loop(settings.BOTS_CONCURRENCY, settings.BOTS_THREADS)
        return _loops[pid]


def end(seconds: float) -> None:
    """End the loop of this process, if it has one; what is under way has `seconds` left."""
    if loop := _loops.get(os.getpid()):
        # What ends meanwhile starts its deliveries here, not on another loop.
        loop.drain(seconds)
        del _loops[os.getpid()]
        loop.close()
