"""The connections: one pool an event loop, because they cannot move to another one."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import httpx

TIMEOUT = httpx.Timeout(10, connect=3)

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()
_closers: WeakKeyDictionary[asyncio.AbstractEventLoop, list[Callable[[], Awaitable[None]]]] = (
    WeakKeyDictionary()
)


def client() -> httpx.AsyncClient:
    """Return the client of this event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = httpx.AsyncClient(
            timeout=TIMEOUT, verify=tls(), limits=httpx.Limits(max_connections=200)
        )
    return _clients[loop]


def closed_with_loop(close: Callable[[], Awaitable[None]]) -> None:
    """Have `close` called when this loop's connections are closed."""
    _closers.setdefault(asyncio.get_running_loop(), []).append(close)


async def close() -> None:
    """Close the connections of this event loop."""
    loop = asyncio.get_running_loop()
    for closer in _closers.pop(loop, []):
        await closer()
    if open_client := _clients.pop(loop, None):
        await open_client.aclose()


@cache
def tls() -> Any:
    return httpx.create_ssl_context()
