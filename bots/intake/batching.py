"""Batching of concurrent requests, for one statement or message per batch."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from asgiref.sync import sync_to_async

from bots.runtime.loop import Threads

logger = logging.getLogger(__name__)
Item = TypeVar("Item")
Result = TypeVar("Result")


class QueueFull(Exception):
    """The queue is full. Retry later."""


class Batcher(Generic[Item, Result]):
    """Processes items in a thread. Items that arrive during a batch form the next batch.

    A single item does not wait, and larger batches cost less per item. The order of items is
    preserved. If `work` raises an exception, the items are processed one by one, so only the
    faulty one fails.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Result]],
        threads: Threads,
        most_together: int = 200,
        most_waiting: int = 2000,
    ) -> None:
        self._work = sync_to_async(work)
        self._threads = threads
        self._most_together = most_together
        self._most_waiting = most_waiting
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    def add(self, item: Item) -> asyncio.Future[Result]:
        """Queue an item and return the future of its result. Raises QueueFull."""
        if len(self._waiting) >= self._most_waiting:
            raise QueueFull(QueueFull.__doc__)
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._do_all())
        return future

    async def _do_all(self) -> None:
        self._threads.serve_this_task()
        while self._waiting:
            together = min(len(self._waiting), self._most_together)
            await self._do([self._waiting.popleft() for _ in range(together)])

    async def _do(self, asked: list[tuple[Item, "asyncio.Future[Result]"]]) -> None:
        try:
            results = await self._work([item for item, _future in asked])
        except Exception as error:
            if len(asked) == 1:
                _set_exception(asked[0][1], error)
                return
            for one in asked:
                await self._do([one])
        else:
            for (_item, future), result in zip(asked, results, strict=True):
                if not future.done():
                    future.set_result(result)


def _set_exception(future: "asyncio.Future[Result]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
