"""A thread for the synchronous code that an async handler calls."""

from collections.abc import Awaitable

from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async
from django.db import connections


async def run_in_own_thread(work: Awaitable[None]) -> None:
    """Await `work`; its synchronous calls run in a thread that no other task shares.

    The thread and its database connections are closed afterwards. Work without synchronous calls
    costs next to nothing: entering asgiref's context would take longer than most handlers.
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
