"""How tasks end."""

import asyncio
import logging

logger = logging.getLogger(__name__)


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
