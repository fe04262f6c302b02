"""A watchdog for the event loop of the bots: which function blocks it, where, and for how long.

An async handler that computes or waits without `await` delays every bot of its process. A thread
schedules a callback on the loop ten times a second; if one does not run within the limit, the
stack of the loop's thread is reported.
"""

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from types import CodeType, FrameType

from django.db import DatabaseError, connections

from bots.framework.routing.errors import is_framework
from bots.framework.routing.injection import Function
from bots.models import BlockingFunction
from bots.runtime.stacks import as_text, frame_of, outward

logger = logging.getLogger(__name__)

PERIOD = 0.1


class Watchdog(threading.Thread):
    """Watches the loop that runs in the thread `watched`; `idle` is the code that waits there.

    A block of at least `limit` seconds is logged while it lasts and when it ends, and counted in
    the row of the function (see BlockingFunction).
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, watched: int | None, idle: CodeType, limit: float
    ) -> None:
        super().__init__(name="bots-watchdog", daemon=True)
        self._loop, self._watched, self._idle, self._limit = loop, watched, idle, limit
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()
        self.join(self._limit + 1)

    def run(self) -> None:
        while not (self._stopped.wait(PERIOD) or self._loop.is_closed()):
            try:
                self._look()
            except Exception:
                if not self._loop.is_closed():
                    logger.exception("The watchdog failed to look at the event loop.")

    def _look(self) -> None:
        responded = threading.Event()
        asked = time.monotonic()
        self._loop.call_soon_threadsafe(responded.set)
        if responded.wait(self._limit):
            return
        frames = list(outward(frame_of(self._watched)))
        # A loop that waits for work and does not run its callbacks lacks processor time.
        if not frames or frames[0].f_code is self._idle:
            return
        self._report(frames, asked, responded)

    def _report(self, frames: list[FrameType], asked: float, responded: threading.Event) -> None:
        name, stack = name_of(frames), as_text(_from_function(frames))
        del frames  # they refer to the functions' local variables
        logger.warning(
            "%s has blocked the event loop for %.1f s; all bots of this process wait.\n%s",
            name,
            time.monotonic() - asked,
            stack,
        )
        process = f"{socket.gethostname()}:{os.getpid()}"
        _record(lambda: BlockingFunction.objects.begin(name, process, stack))
        while not (responded.wait(PERIOD) or self._stopped.is_set()):
            pass
        seconds = time.monotonic() - asked
        logger.warning("%s blocked the event loop for %.1f s.", name, seconds)
        _record(lambda: BlockingFunction.objects.end(name, seconds))


def name_of(frames: list[FrameType]) -> str:
    """Return the handler, filter or service that is being called, else the app's own function."""
    for frame in frames:
        if frame.f_code is Function.__call__.__code__:
            function: Function = frame.f_locals["self"]
            return function.name
    own = next((it for it in frames if not _is_library(it.f_code)), frames[0])
    return f"{own.f_globals.get('__name__', '?')}.{own.f_code.co_qualname}"


def _from_function(frames: list[FrameType]) -> list[FrameType]:
    """Leave out the frames that led to the function: they are the same for all."""
    codes = [frame.f_code for frame in frames]
    call = Function.__call__.__code__
    return frames[: codes.index(call)] if call in codes else frames


def _is_library(code: CodeType) -> bool:
    return (
        "site-packages" in code.co_filename
        or "/lib/python" in code.co_filename
        or (is_framework(code))
    )


def _record(write: Callable[[], None]) -> None:
    try:
        write()
    except DatabaseError as error:
        logger.warning("A blocked event loop could not be recorded: %s", error)
    finally:
        connections.close_all()
