"""The connections: pools of each event loop, because they cannot move to another one."""

import asyncio
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import httpx
from asgiref.sync import async_to_sync

Result = TypeVar("Result")
TIMEOUT = httpx.Timeout(10, connect=3)

Clients = dict[str, httpx.AsyncClient]
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Clients] = WeakKeyDictionary()


def client(whose: str) -> httpx.AsyncClient:
    """Return the client of this event loop for one bot's calls, by its token, or another use.

    Each has a pool of its own: httpx looks through all of a pool's connections at every call.
    """
    mine = _clients.setdefault(asyncio.get_running_loop(), {})
    if whose not in mine:
        mine[whose] = httpx.AsyncClient(
            timeout=TIMEOUT, verify=tls(), limits=httpx.Limits(max_connections=200)
        )
    return mine[whose]


async def close() -> None:
    """Close the connections of this event loop."""
    for open_client in _clients.pop(asyncio.get_running_loop(), {}).values():
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
