"""The connections: one pool an event loop, because they cannot move to another one."""

import asyncio
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import httpx
from asgiref.sync import async_to_sync

Result = TypeVar("Result")
TIMEOUT = httpx.Timeout(10, connect=3)

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()


def client() -> httpx.AsyncClient:
    """Return the client of this event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = httpx.AsyncClient(
            timeout=TIMEOUT, verify=tls(), limits=httpx.Limits(max_connections=200)
        )
    return _clients[loop]


async def close() -> None:
    """Close the connections of this event loop."""
    if open_client := _clients.pop(asyncio.get_running_loop(), None):
        await open_client.aclose()


def run(job: Coroutine[Any, Any, Result]) -> Result:
    """Run a job of calls where there is no event loop, and leave no connection open."""

    async def whole() -> Result:
        try:
            return await job
        finally:
            await close()

    return async_to_sync(whole)()


@cache
def tls() -> Any:
    return httpx.create_ssl_context()
