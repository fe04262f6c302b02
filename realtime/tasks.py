"""How tasks begin and end."""

import asyncio
import logging
import sys
from collections.abc import Coroutine
from typing import Any

logger = logging.getLogger(__name__)

AT_ONCE: dict[str, Any] = {"eager_start": True} if sys.version_info >= (3, 12) else {}


def start(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Run a task at once up to where it first waits, from Python 3.12 on; it may be done then."""
    return asyncio.Task(work, loop=asyncio.get_running_loop(), **AT_ONCE)


async def end(tasks: set[asyncio.Task[None]], within: float) -> None:
    """Give tasks some time to end by themselves, then cancel them; log what they failed with."""
    if not tasks:
        return
    ended, late = await asyncio.wait(tasks, timeout=within)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for task in ended:
        if not task.cancelled() and not isinstance(error := task.exception(), OSError | None):
            logger.error("A websocket ended by a fault of the server", exc_info=error)
