"""The worker's event loop: one a process, on its own thread, so that connections can be kept."""

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.db import connections

Result = TypeVar("Result")

_loops: dict[int, asyncio.AbstractEventLoop] = {}
_starting = threading.Lock()


def run(job: Coroutine[Any, Any, Result]) -> Result:
    """Run the job on the process's loop and wait for it.

    Each job has a database thread and connection of its own, so a slow handler holds up no other.
    """
    return asyncio.run_coroutine_threadsafe(_apart(job), _loop()).result()


async def _apart(job: Coroutine[Any, Any, Result]) -> Result:
    async with ThreadSensitiveContext():
        try:
            return await job
        finally:
            await sync_to_async(connections.close_all)()


def _loop() -> asyncio.AbstractEventLoop:
    with _starting:
        pid = os.getpid()  # a forked worker needs a loop of its own
        if pid not in _loops:
            _loops[pid] = loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="bots-loop", daemon=True).start()
        return _loops[pid]
