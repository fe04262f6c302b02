"""What a handler calls synchronously runs beside everybody else's."""

import asyncio
import threading

import pytest
from asgiref.sync import sync_to_async
from django.db import DEFAULT_DB_ALIAS, connections

from realtime.threads import in_a_thread_of_its_own


async def test_the_synchronous_code_of_one_holds_up_no_other():
    gate = threading.Event()
    threads = []

    async def wait():
        threads.append(await sync_to_async(threading.get_ident)())
        await sync_to_async(gate.wait)(5)
        threads.append(await sync_to_async(threading.get_ident)())

    async def release():
        await sync_to_async(gate.set)()

    async with asyncio.timeout(4):
        await asyncio.gather(in_a_thread_of_its_own(wait()), in_a_thread_of_its_own(release()))

    assert threads[0] == threads[1]


@pytest.mark.django_db(transaction=True)
async def test_what_was_opened_is_closed_however_the_work_ends():
    opened = []

    def look():
        own = connections[DEFAULT_DB_ALIAS]
        own.ensure_connection()
        opened.append(own)

    async def work():
        await sync_to_async(look)()
        raise ValueError("no tea")

    with pytest.raises(ValueError, match="no tea"):
        await in_a_thread_of_its_own(work())

    assert opened[0].connection is None
