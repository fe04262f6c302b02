"""Starting and ending asyncio tasks."""

import asyncio
import logging
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

logger = logging.getLogger(__name__)

CANCEL_AGAIN_AFTER = 0.05  # seconds
EAGERLY: dict[str, Any] = {"eager_start": True} if sys.version_info >= (3, 12) else {}


def start(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Start a task. From Python 3.12 on it runs at once up to its first wait, and may be done."""
    return asyncio.Task(work, loop=asyncio.get_running_loop(), **EAGERLY)


@contextmanager
def propagate_cancellation() -> Iterator[None]:
    """Raise CancelledError at the end of the block if a library suppressed it.

    Endless tasks need it: asyncio.run, which servers call, cancels them once and then waits.
    """
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  a coroutine runs in one
    before = task.cancelling()
    try:
        yield
    finally:
        if task.cancelling() > before:
            raise asyncio.CancelledError


async def cancel(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks; return when they have ended.

    Cancels repeatedly, since redis-py suppresses a cancellation while it connects.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_AFTER)
    await asyncio.gather(*tasks, return_exceptions=True)


async def finish(tasks: set[asyncio.Task[Any]], timeout: float) -> None:
    """Let tasks end within `timeout` seconds, then cancel them; log the exceptions of those."""
    if not tasks:
        return
    ended, late = await asyncio.wait(tasks, timeout=timeout)
    await cancel(*late)
    for task in ended:
        if not task.cancelled() and not isinstance(error := task.exception(), OSError | None):
            logger.error("A task of a connection failed", exc_info=error)
