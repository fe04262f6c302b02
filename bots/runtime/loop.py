"""The event loop of the process for jobs, in its own thread, with a thread pool for queries."""

import asyncio
import atexit
import logging
import os
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for_all
from contextvars import ContextVar
from typing import Any, TypeVar

import uvloop
from asgiref.sync import SyncToAsync, ThreadSensitiveContext
from django.conf import settings
from django.db import Error, connections

from bots.framework.api import close as close_connections
from bots.runtime.watchdog import Watchdog
from jobs import leases

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
Job = Coroutine[Any, Any, Result]
# Seconds; a job that blocks the loop must not prevent the process from exiting.
STOP_TIMEOUT = 2
RELEASE_TIMEOUT = 1


class Loop:
    """An event loop for any number of concurrent jobs.

    A waiting job needs no thread. Database queries and sync handlers share `threads` threads, each
    with one connection.
    """

    def __init__(self, most: int, threads: int) -> None:
        self.threads = Threads(threads, "bots")
        self._room = threading.BoundedSemaphore(most)
        self._jobs: set[Future[Any]] = set()
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="bots-loop", daemon=True)
        self._thread.start()
        self._watchdog = self._watch(settings.BOTS_BLOCKED_AFTER)
        atexit.register(self._stop)

    def submit(self, job: Job[Result]) -> Future[Result]:
        """Start the job from any thread and return its future."""
        future = asyncio.run_coroutine_threadsafe(self._with_threads(job), self._loop)
        self._jobs.add(future)
        future.add_done_callback(self._jobs.discard)
        return future

    def spawn(self, job: Job[None]) -> None:
        """Start the job; waits while `most` jobs are running. Exceptions are logged."""
        self._room.acquire()
        self.submit(job).add_done_callback(self._finish_job)

    def offer(self, job: Job[None]) -> bool:
        """Start the job if fewer than `most` jobs are running. Return whether it was started."""
        if not self._room.acquire(blocking=False):
            job.close()
            return False
        self.submit(job).add_done_callback(self._finish_job)
        return True

    def drain(self, seconds: float) -> None:
        """Wait for all jobs, including new ones, and cancel those that take over `seconds`."""
        end = time.monotonic() + seconds
        while self._jobs and (left := end - time.monotonic()) > 0:
            wait_for_all(set(self._jobs), left)
        cancelled = set(self._jobs)
        for future in cancelled:
            future.cancel()
        # Cancelled jobs release their rows.
        wait_for_all(cancelled, RELEASE_TIMEOUT)

    def close(self) -> None:
        """Stop the loop and its threads, and close their connections."""
        self._stop()
        self.threads.close()

    def _watch(self, limit: float) -> Watchdog | None:
        if limit <= 0:
            return None
        watchdog = Watchdog(self._loop, self._thread.ident, Loop._run.__code__, limit)
        watchdog.start()
        return watchdog

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(close_connections())
        self._loop.close()

    def _stop(self) -> None:
        atexit.unregister(self._stop)
        if self._watchdog is not None and self._watchdog.is_alive():
            self._watchdog.stop()
        if self._thread.is_alive():  # not so after a fork
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(STOP_TIMEOUT)

    async def _with_threads(self, job: Job[Result]) -> Result:
        self.threads.serve_this_task()
        _running.set(self)
        return await job

    def _finish_job(self, future: Future[None]) -> None:
        self._room.release()
        if future.cancelled() or (error := future.exception()) is None:
            return
        if isinstance(error, Error):
            logger.error("The database is down; the sweep will ring for the job: %s", error)
        else:
            logger.error("A job failed.", exc_info=error)


class Threads(ThreadPoolExecutor):
    """A thread pool with persistent database connections."""

    def __init__(self, most: int, name: str) -> None:
        super().__init__(most, thread_name_prefix=name)
        self._context = ThreadSensitiveContext()
        SyncToAsync.context_to_thread_executor[self._context] = self

    def serve_this_task(self) -> None:
        """Make sync_to_async of this task and its children use this pool."""
        SyncToAsync.thread_sensitive_context.set(self._context)

    def close(self) -> None:
        """Stop accepting work and close the connections."""
        barrier = threading.Barrier(self._max_workers)
        for _ in range(self._max_workers):
            super().submit(_close_connections, barrier)
        self.shutdown()

    def submit(self, work: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        return super().submit(_run_and_clean_up, work, *args, **kwargs)


def _run_and_clean_up(work: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    try:
        return work(*args, **kwargs)
    finally:
        for connection in connections.all(initialized_only=True):
            if connection.errors_occurred:
                connection.close()


def _close_connections(barrier: threading.Barrier) -> None:
    connections.close_all()
    barrier.wait()  # so that each thread runs this once


_loops: dict[int, Loop] = {}
# The loop of the current job, also in the threads of the job.
_running: ContextVar[Loop | None] = ContextVar("running_loop", default=None)
_starting = threading.Lock()


def current_loop() -> Loop:
    """Return the loop of this process."""
    with _starting:
        pid = os.getpid()  # a forked process needs a loop of its own
        if pid not in _loops:
            _loops[pid] = Loop(settings.BOTS_CONCURRENCY, settings.BOTS_THREADS)
        return _loops[pid]


def offer(make_job: Callable[[], Job[None]]) -> bool:
    """Start another job from within a job. Return False outside of a job or if the loop is full."""
    loop = _running.get()
    return loop is not None and loop.offer(make_job())


def end(seconds: float) -> None:
    """Stop the loop of this process, if any; running jobs have `seconds` to end."""
    if loop := _loops.get(os.getpid()):
        # Jobs that end now start their deliveries on this loop, not on another one.
        loop.drain(seconds)
        del _loops[os.getpid()]
        loop.close()
        # A job that blocks the loop must not keep its row until the process has ended.
        leases.renewer.discard_expiring()
