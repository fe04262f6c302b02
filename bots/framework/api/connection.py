"""Connections to Pachca. Each event loop has its own session."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass
from weakref import WeakKeyDictionary

import aiohttp
import httpx
from asgiref.sync import async_to_sync
from django.utils.translation import gettext as _

from bots.framework.api.envelope import NoAnswer, NotSent

Result = TypeVar("Result")
# Seconds, to connect and between two reads.
CONNECT_TIMEOUT, READ_TIMEOUT = 3, 10
TIMEOUT = aiohttp.ClientTimeout(
    total=None, connect=READ_TIMEOUT, sock_connect=CONNECT_TIMEOUT, sock_read=READ_TIMEOUT
)
MAX_CONNECTIONS = 500
MAX_RESPONSE_BYTES = 64 * 1024 * 1024
CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")

NEVER_LEFT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)

# Called immediately before a request is sent. An exception prevents it from being sent.
guards: list[Callable[[], None]] = []

_sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response. The names of `headers` are case-insensitive."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class GuardedRequest(aiohttp.ClientRequest):
    """Runs the guards when there is a connection, and again before the body is written.

    Much time may pass in between if the process is suspended. A test in
    bots/tests/runtime/test_delivery.py fails if aiohttp no longer calls these methods.
    """

    async def send(self, conn: Any) -> aiohttp.ClientResponse:
        """Run the guards, then send the headers."""
        run_guards()
        return await super().send(conn)

    async def write_bytes(self, writer: Any, conn: Any, *args: Any) -> None:
        """Run the guards, then send the body."""
        try:
            run_guards()
        except Exception as error:
            conn.protocol.set_exception(error)
            return
        await super().write_bytes(writer, conn, *args)


def run_guards() -> None:
    """Run all guards. An exception prevents the request from being sent."""
    for guard in guards:
        guard()


async def exchange(verb: str, url: Any, **request: Any) -> Answer:
    """Make a request and return the complete response.

    Raises NotSent if the request has certainly not arrived, and NoAnswer if it may have.
    """
    try:
        async with _session().request(
            verb, url, proxy=_proxy_for(str(url)), allow_redirects=False, **request
        ) as answer:
            return Answer(answer.status, answer.headers, await _body(answer))
    except NEVER_LEFT as error:
        raise NotSent(describe_error(error)) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:  # a TimeoutError is an OSError
        raise NoAnswer(describe_error(error)) from error


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > MAX_RESPONSE_BYTES:
            raise NoAnswer(f"The response is larger than {MAX_RESPONSE_BYTES} bytes.")
    return bytes(body)


def describe_error(error: Exception) -> str:
    """Return the error as one line without credentials of a proxy.

    The admin shows it, so errors that an administrator can fix have messages of our own.
    """
    match error:
        case aiohttp.ClientConnectorDNSError(host=host):
            return _("The host name %(host)s cannot be resolved.") % {"host": host}
        case aiohttp.ClientConnectorError(host=host, port=port, os_error=ConnectionRefusedError()):
            return _("%(host)s refuses connections on port %(port)s.") % {
                "host": host,
                "port": port,
            }
        case TimeoutError():
            return _("The request timed out.")
        case aiohttp.ServerDisconnectedError():
            return _("The connection was closed before a response arrived.")
    return CREDENTIALS.sub("", f"{type(error).__name__}: {error}").rstrip(": ")


def _session() -> aiohttp.ClientSession:
    loop = asyncio.get_running_loop()
    if loop not in _sessions:
        _sessions[loop] = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=tls(), limit=MAX_CONNECTIONS),
            cookie_jar=aiohttp.DummyCookieJar(),  # bots share the session
            timeout=TIMEOUT,
            request_class=GuardedRequest,
            headers={"User-Agent": "Svyaz"},
        )
    return _sessions[loop]


def _proxy_for(url: str) -> str | None:
    """Return the proxy that the environment configures for the URL."""
    # aiohttp would look it up in a thread for each request.
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
    """Run a coroutine that makes calls in synchronous code, and close its connections."""

    async def whole() -> Result:
        try:
            return await job
        finally:
            await close()

    return async_to_sync(whole)()


@cache
def tls() -> Any:
    """Return the TLS context that all connections share."""
    return httpx.create_ssl_context()
