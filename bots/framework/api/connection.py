"""The connections to Pachca: each event loop has its own, which cannot move to another one."""

import asyncio
import re
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass
from weakref import WeakKeyDictionary

import aiohttp
import httpx
from asgiref.sync import async_to_sync

from bots.api.envelope import NoAnswer, NotSent

Result = TypeVar("Result")
# Seconds: to connect, and to wait for the answer or more of it.
CONNECT, READ = 3, 10
TIMEOUT = aiohttp.ClientTimeout(total=None, connect=READ, sock_connect=CONNECT, sock_read=READ)
MOST_CONNECTIONS = 500
MOST_BYTES = 64 * 1024 * 1024
CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")

NEVER_LEFT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)

_sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the wire; the names of `headers` are looked up in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def exchange(verb: str, url: Any, **request: Any) -> Answer:
    """Make a request and return the answer, which is read to its end.

    Raises NotSent where it has certainly not arrived, and NoAnswer where it may have.
    """
    try:
        async with _session().request(
            verb, url, proxy=_proxy_for(str(url)), allow_redirects=False, **request
        ) as answer:
            return Answer(answer.status, answer.headers, await _body(answer))
    except NEVER_LEFT as error:
        raise NotSent(told(error)) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:  # a TimeoutError is an OSError
        raise NoAnswer(told(error)) from error


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > MOST_BYTES:
            raise NoAnswer(f"The answer is larger than {MOST_BYTES} bytes.")
    return bytes(body)


def told(error: Exception) -> str:
    """Return what went wrong in a line, without the password of a proxy."""
    return CREDENTIALS.sub("", f"{type(error).__name__}: {error}").rstrip(": ")


def _session() -> aiohttp.ClientSession:
    loop = asyncio.get_running_loop()
    if loop not in _sessions:
        _sessions[loop] = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=tls(), limit=MOST_CONNECTIONS),
            cookie_jar=aiohttp.DummyCookieJar(),  # bots share the session
            timeout=TIMEOUT,
            headers={"User-Agent": "Svyaz"},
        )
    return _sessions[loop]


def _proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for the address."""
    # aiohttp would ask a thread, at every request.
    address = urlsplit(url)
    return _proxy(address.scheme, address.netloc.rpartition("@")[2])


@cache
def _proxy(scheme: str, host: str) -> str | None:
    return None if proxy_bypass(host) else getproxies().get(scheme)


async def close() -> None:
    """Close the connections of this event loop."""
    if session := _sessions.pop(asyncio.get_running_loop(), None):
        await session.close()


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
