"""Cancellation of calls, also during a pause between attempts."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Signal = asyncio.Event
Result = TypeVar("Result")


class CallCancelled(Exception):
    """The call's signal was set before there was an answer."""


async def pause(seconds: float, signal: Signal | None = None) -> None:
    """Wait for `seconds`. Raises CallCancelled as soon as the signal is set."""
    if signal is None:
        await asyncio.sleep(seconds)
        return
    try:
        async with asyncio.timeout(seconds):
            await signal.wait()
    except TimeoutError:
        return
    raise CallCancelled(CallCancelled.__doc__)


async def unless(signal: Signal | None, job: Coroutine[Any, Any, Result]) -> Result:
    """Await `job`. Cancels it and raises CallCancelled as soon as the signal is set."""
    if signal is None:
        return await job
    if signal.is_set():
        job.close()  # not started, because a part could be sent before the cancellation
        raise CallCancelled(CallCancelled.__doc__)
    work = asyncio.ensure_future(job)
    waiter = asyncio.ensure_future(signal.wait())
    try:
        await asyncio.wait({work, waiter}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise CallCancelled(CallCancelled.__doc__)
        return work.result()
    finally:
        for task in (work, waiter):
            task.cancel()
        await asyncio.gather(work, waiter, return_exceptions=True)
