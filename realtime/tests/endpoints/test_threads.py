"""Synchronous code of a handler runs in a thread of its own."""

import asyncio
import threading

import pytest
from asgiref.sync import sync_to_async
from django.db import DEFAULT_DB_ALIAS, connections

from realtime.endpoints.threads import run_in_own_thread


async def test_synchronous_code_of_one_handler_does_not_block_another() -> None:
    gate = threading.Event()
    threads = []

    async def wait() -> None:
        threads.append(await sync_to_async(threading.get_ident)())
        await sync_to_async(gate.wait)(5)
        threads.append(await sync_to_async(threading.get_ident)())

    async def release() -> None:
        await sync_to_async(gate.set)()

    async with asyncio.timeout(4):
        await asyncio.gather(run_in_own_thread(wait()), run_in_own_thread(release()))

    assert threads[0] == threads[1]


@pytest.mark.django_db(transaction=True)
async def test_threads_and_database_connections_are_closed_in_any_case() -> None:
    opened = []

    def look() -> None:
        own = connections[DEFAULT_DB_ALIAS]
        own.ensure_connection()
        opened.append(own)

    async def work() -> None:
        await sync_to_async(look)()
        raise ValueError("no tea")

    with pytest.raises(ValueError, match="no tea"):
        await run_in_own_thread(work())

    assert opened[0].connection is None
