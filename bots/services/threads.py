"""Runs of plain (not async) services, each in a thread of its own.

A thread cannot be stopped, so a run that exceeds its limit is reported and goes on. The thread has
a lease of its own until it ends, also if the job that waits for it is cancelled: no worker on any
host starts the service a second time. If the process dies the thread dies too, and the lease
expires.
"""

import asyncio
import contextvars
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connections
from django.utils.translation import gettext as _

from bots.models import Service
from bots.models.jobs import LostClaim
from bots.runtime.stacks import stack_of
from jobs import leases

logger = logging.getLogger(__name__)

_alive: set[str] = set()


class LimitExceeded(Exception):
    """A run took longer than its service's limit."""

    def __init__(self, seconds: float, limit: float) -> None:
        facts = {"seconds": seconds, "limit": limit}
        super().__init__(_("It ran for %(seconds).0f s; the limit is %(limit)g s.") % facts)


def is_alive(name: str) -> bool:
    """Return whether a thread of this process still runs the service."""
    return name in _alive


async def run_in_thread(row: Service, function: Callable[[], Any], limit: float) -> float:
    """Run the function and return the seconds that it took; wait also past the limit.

    Raises what the function raises, and LimitExceeded.
    """
    if lease := leases.current_lease():
        lease.stop_expiring()  # the job must not be cancelled either: it reports the end
    run = _Run(row, function)
    run.start()
    done, _pending = await asyncio.wait({run.done}, timeout=limit)
    if not done:
        await sync_to_async(_report)(row, run.thread, limit)
    seconds = await asyncio.shield(run.done)
    if seconds > limit:
        raise LimitExceeded(seconds, limit)
    return seconds


class _Run:
    """A thread that runs the function. The future `done` gets its result in the event loop."""

    def __init__(self, row: Service, function: Callable[[], Any]) -> None:
        self._row, self._function = row, function
        self._lease = leases.acquire(row, expires=False)
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[float] = self._loop.create_future()
        context = contextvars.copy_context()
        # A daemon thread does not hold up the end of the process.
        self.thread = threading.Thread(
            target=context.run, args=(self._work,), name=f"service {row.name}", daemon=True
        )

    def start(self) -> None:
        _alive.add(self._row.name)
        try:
            self.thread.start()
        except BaseException:  # no more threads
            self._end()
            raise

    def _work(self) -> None:
        started = time.monotonic()
        failure: BaseException | None = None
        try:
            with leases.make_current(self._lease):
                self._function()
        except BaseException as error:  # a SystemExit, too, must not leave the row claimed
            failure = error
        finally:
            connections.close_all()
            if self._lease.is_lost:
                logger.error(
                    "The lease on the service %s was lost while the database could not be reached:"
                    " another worker may be running it as well.",
                    self._row.name,
                )
            self._end()
            with suppress(RuntimeError):  # the loop has been closed
                self._loop.call_soon_threadsafe(self._resolve, time.monotonic() - started, failure)

    def _end(self) -> None:
        _alive.discard(self._row.name)
        self._lease.release()

    def _resolve(self, seconds: float, failure: BaseException | None) -> None:
        if self.done.done():
            return
        if failure is None:
            self.done.set_result(seconds)
        elif isinstance(failure, Exception):
            self.done.set_exception(failure)
        else:
            self.done.set_exception(RuntimeError(f"{type(failure).__name__}: {failure}"))


def _report(row: Service, thread: threading.Thread, limit: float) -> None:
    stack = stack_of(thread.ident)
    logger.error("The service %s is still running after its limit.\n%s", row.name, stack)
    text = _(
        "Still running after the limit of %(limit)g s. A service that is not async"
        " cannot be cancelled; the next run starts after this one ends. Current stack:"
    ) % {"limit": limit}
    try:
        row.write(error=f"{text}\n\n{stack}")
    except LostClaim:
        pass
    except DatabaseError as error:  # the thread goes on, and so must the job that waits for it
        logger.warning("That the service %s is late could not be stored: %s", row.name, error)
