"""Shared resources that are started for the first user and stopped after the last one."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)


class Lifecycle:
    """Calls `start` for the first user and `stop` after the last one, never concurrently.

    A user that arrives while `stop` is running gets a `start` as soon as it has ended, so the
    resources run whenever there are users and no call is in progress. A `stop` that raises is
    logged and counts as done.
    """

    def __init__(self, start: Callable[[], None], stop: Callable[[], Awaitable[None]]) -> None:
        self._start = start
        self._stop = stop
        self._users = 0
        self._stopping: asyncio.Task[None] | None = None

    def acquire(self) -> None:
        self._users += 1
        if self._users == 1 and self._stopping is None:
            self._start()

    async def release(self) -> None:
        """Give the resources up; return when a stop that is in progress has ended."""
        self._users -= 1
        if not self._users and self._stopping is None:
            self._stopping = asyncio.create_task(self._shut_down())
        if self._stopping is not None:
            await asyncio.wait({self._stopping})

    async def _shut_down(self) -> None:
        try:
            await self._stop()
        except Exception:
            logger.exception("The resources of the event hub could not be stopped")
        finally:
            self._stopping = None
            if self._users:
                self._start()
