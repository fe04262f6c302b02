"""Calling Pachca: official method names, a chain of transformers, one envelope for every answer."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache, reduce
from math import inf
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import httpx

from bots.models import Bot

TIMEOUT = httpx.Timeout(10, connect=3)
METHODS: dict[str, tuple[str, str]] = {
    name: (verb, path)
    for name, (verb, path) in json.loads(
        Path(__file__).with_name("methods.json").read_text(encoding="utf-8")
    ).items()
}


@dataclass(frozen=True)
class ApiResponse:
    """What Pachca answered: the HTTP status and the body, read as JSON where it is JSON."""

    status: int
    body: Any = None
    retry_after: float | None = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def data(self) -> Any:
        """The body's `data`, which is what most calls are made for."""
        return self.body.get("data") if isinstance(self.body, dict) else None


class ApiError(Exception):
    """Pachca refused a call; `response` is its answer."""

    def __init__(self, method: str, response: ApiResponse) -> None:
        super().__init__(f"{method}: {response.status} {describe(response)}")
        self.response = response


class UnknownMethod(Exception):
    """There is no such method in Pachca's API."""


Call = Callable[[str, dict[str, Any], asyncio.Event | None], Awaitable[ApiResponse]]


class Transformer(Protocol):
    async def __call__(
        self, prev: Call, method: str, payload: dict[str, Any], signal: asyncio.Event | None
    ) -> ApiResponse:
        """Change the call, make it none or many times by `prev`, or make up the answer."""


class Api:
    """The API of one bot. `use` wraps it in transformers; the one installed last is outermost."""

    def __init__(self, bot: Bot) -> None:
        self.base_url = bot.api_url
        self._headers = {"Authorization": f"Bearer {bot.token}"}
        self._transformers: list[Transformer] = []

    def use(self, *transformers: Transformer) -> None:
        self._transformers += transformers

    async def call(
        self,
        method: str,
        payload: dict[str, Any] | None = None,
        signal: asyncio.Event | None = None,
    ) -> ApiResponse:
        """Make a call and return its envelope, refusals included.

        Parameters of the path are taken out of `payload` by name; the rest is the query of a GET
        and the JSON body of anything else. Raises UnknownMethod, and httpx.TransportError when no
        answer came.
        """
        if method not in METHODS:
            raise UnknownMethod(method)
        send: Call = self._send
        return await reduce(_wrapped, self._transformers, send)(method, dict(payload or {}), signal)

    async def result(self, method: str, payload: dict[str, Any] | None = None) -> Any:
        """Make a call and return the `data` of its answer; raises ApiError when it is refused."""
        response = await self.call(method, payload)
        if not response.ok:
            raise ApiError(method, response)
        return response.data

    async def _send(
        self, method: str, payload: dict[str, Any], signal: asyncio.Event | None
    ) -> ApiResponse:
        verb, template = METHODS[method]
        path = template.format_map(_Taken(payload))
        is_get = verb == "GET"
        answer = await _client().request(
            verb,
            self.base_url + path,
            headers=self._headers,
            params=payload if is_get else None,
            json=payload or None if not is_get else None,
        )
        return ApiResponse(answer.status_code, _read(answer), _retry_after(answer))


def _wrapped(prev: Call, transformer: Transformer) -> Call:
    async def call(
        method: str, payload: dict[str, Any], signal: asyncio.Event | None
    ) -> ApiResponse:
        return await transformer(prev, method, payload, signal)

    return call


class _Taken(dict[str, Any]):
    """Gives a path its parameters and takes them out of the payload."""

    def __init__(self, payload: dict[str, Any]) -> None:
        self.payload = payload

    def __missing__(self, name: str) -> Any:
        return self.payload.pop(name)


def _read(answer: httpx.Response) -> Any:
    # A 429 is plain text and a gateway's 502 is HTML: the status counts, the body may be anything.
    try:
        return answer.json()
    except ValueError:
        return answer.text[:2000] or None


def _retry_after(answer: httpx.Response) -> float | None:
    try:
        seconds = float(answer.headers["Retry-After"])
    except (KeyError, ValueError):
        return None
    return seconds if 0 <= seconds < inf else None


def describe(response: ApiResponse) -> str:
    """Return what an answer says is wrong, in a line."""
    body = response.body
    if isinstance(body, dict) and isinstance(body.get("errors"), list):
        return "; ".join(
            f"{item.get('key')}: {item.get('message')}"
            for item in body["errors"]
            if isinstance(item, dict)
        )
    if isinstance(body, dict) and "error" in body:
        return str(body.get("error_description") or body["error"])
    return str(body or "")[:500]


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()


def _client() -> httpx.AsyncClient:
    """Return the client of this event loop: its connections cannot move to another one."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = httpx.AsyncClient(
            timeout=TIMEOUT, verify=_tls(), limits=httpx.Limits(max_connections=200)
        )
    return _clients[loop]


async def close() -> None:
    """Close the connections of this event loop."""
    if client := _clients.pop(asyncio.get_running_loop(), None):
        await client.aclose()


@cache
def _tls() -> Any:
    return httpx.create_ssl_context()
