"""A thread for the synchronous code that an asynchronous handler calls."""

from collections.abc import Awaitable

from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async
from django.db import connections


async def in_a_thread_of_its_own(work: Awaitable[None]) -> None:
    """Await `work`, whose synchronous calls share a thread with nobody else's.

    The thread and what it opened end with the work. Work that calls nothing synchronous costs
    next to nothing here: entering asgiref's context as usual would take longer than most of it.
    """
    threads = ThreadSensitiveContext()
    threads.token = SyncToAsync.thread_sensitive_context.set(threads)
    try:
        await work
    finally:
        if threads in SyncToAsync.context_to_thread_executor:
            await sync_to_async(connections.close_all)()
            await threads.__aexit__(None, None, None)  # type: ignore[no-untyped-call]  # no types there
        else:
            SyncToAsync.thread_sensitive_context.reset(threads.token)
