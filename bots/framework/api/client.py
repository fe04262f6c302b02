"""The API client of one bot."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from itertools import takewhile
from math import inf
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from bots.framework.api import downloads, uploads
from bots.framework.api.chain import Call, Transformer, build_chain
from bots.framework.api.connection import Answer, exchange
from bots.framework.api.envelope import ApiError, ApiResponse, BadParameters, UnknownMethod
from bots.framework.api.files import InputFile, Source
from bots.framework.api.methods import ABSENT, Methods
from bots.framework.api.signals import Signal, unless
from bots.framework.api.table import METHODS, check

Flavour = TypeVar("Flavour")
PACHCA = "https://api.pachca.com/api/shared/v1"
AddedMethod = Callable[..., Awaitable[Any]]


class Api(Methods):
    """The API client of the bot with this token: `await api.get_profile()` and all other methods.

    `base_url` is the URL of the API, by default Pachca's. Methods return the `data` of the response
    and raise ApiError for an error response, NoAnswer if there is no response, and BadParameters
    for parameters that Pachca would reject. `use` installs transformers around all calls.
    """

    def __init__(self, token: str, base_url: str = PACHCA) -> None:
        self.base_url = base_url
        self.signal: Signal | None = None
        self._headers = {"Authorization": f"Bearer {token}"}
        self._transformers: list[Transformer] = []
        self._added: dict[str, AddedMethod] = {}

    # --- the chain -------------------------------------------------------------------------------

    def use(self, *transformers: Transformer) -> None:
        """Install transformers. The last one installed is called first."""
        self._transformers += transformers

    @property
    def transformers(self) -> tuple[Transformer, ...]:
        """The installed transformers, in the order of installation."""
        return tuple(self._transformers)

    def reset(self, transformers: Iterable[Transformer]) -> None:
        """Replace the installed transformers by these."""
        self._transformers[:] = transformers

    def fork(self, signal: Signal | None = None) -> "Api":
        """Return an independent copy with the same transformers and methods.

        `signal` is the default signal of its calls.
        """
        forked = object.__new__(type(self))
        forked.__dict__ |= self.__dict__
        forked.signal = signal or self.signal
        forked._transformers = list(self._transformers)
        forked._added = dict(self._added)
        return forked

    def installed_since(self, other: "Api") -> tuple[Transformer, ...]:
        """Return the transformers that were installed after those that both have."""
        pairs = zip(self._transformers, other._transformers, strict=False)
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], pairs))
        return tuple(self._transformers[shared:])

    # --- flavours --------------------------------------------------------------------------------

    def add(self, **methods: AddedMethod) -> None:
        """Add methods: `add(say=say)` makes `async def say(api, …)` callable as `api.say(…)`.

        Forks inherit them; each method receives the api on which it is called. Raises ValueError
        for a name that the api already has.
        """
        check_new(methods)
        self._added |= methods

    def flavoured(self, flavour: Callable[..., Flavour]) -> Flavour:
        """Return this api typed as the protocol. Raises TypeError if a method was not added."""
        named = [name for name in vars(flavour) if not name.startswith("_")]
        if missing := [name for name in named if not hasattr(self, name)]:
            raise TypeError(f"{flavour!r} needs {', '.join(missing)}: add it to the api.")
        return cast(Flavour, self)

    def __getattr__(self, name: str) -> Any:
        added = self.__dict__.get("_added", {})
        if name not in added:
            raise AttributeError(f"The api has no method {name}.")
        return partial(added[name], self)

    # --- calls -----------------------------------------------------------------------------------

    async def call(
        self,
        method: str,
        payload: dict[str, Any] | None = None,
        signal: Signal | None = None,
    ) -> ApiResponse:
        """Make a call and return the response, whatever its status is.

        `payload` contains the parameters of the path by name; the rest is sent as the query of a
        GET or DELETE request or else as the JSON body. Setting `signal` cancels the call. Raises
        UnknownMethod, BadParameters, CallCancelled, and NoAnswer if there is no response.
        """
        if method not in METHODS:
            raise UnknownMethod(method)
        call = build_chain(self._send, self._transformers)
        return await call(method, dict(payload or {}), signal or self.signal)

    async def result(
        self,
        method: str,
        payload: dict[str, Any] | None = None,
        signal: Signal | None = None,
    ) -> Any:
        """Make a call and return the `data` of the response. Raises ApiError, and as `call`."""
        response = await self.call(method, payload, signal)
        if not response.ok:
            raise ApiError(method, response)
        return response.data

    async def call_checked(self, method: str, parameters: dict[str, Any]) -> Any:
        """Check the parameters and make the call. ABSENT ones are omitted. Raises as `result`."""
        given = {name: value for name, value in parameters.items() if value is not ABSENT}
        check(method, given)
        return await self.result(method, given)

    async def every(self, method: str, payload: dict[str, Any] | None = None) -> AsyncIterator[Any]:
        """Yield the items of all pages of a list: `async for user in api.every("list_users")`."""
        asked = dict(payload or {})
        while True:
            response = await self.call(method, asked)
            if not response.ok:
                raise ApiError(method, response)
            for item in response.data or ():
                yield item
            if response.next_page in (None, asked.get("cursor")) or not response.data:
                return
            asked["cursor"] = response.next_page

    async def upload(
        self,
        source: Source,
        name: str = "",
        file_type: str = "",
        signal: Signal | None = None,
        **details: Any,
    ) -> dict[str, Any]:
        """Upload a file and return it as an item of a message's `files`.

        `source` is a path, bytes (which require `name`), a Django file, or an InputFile. Missing
        `details` are measured: width and height of an image in pixels, `duration_ms` and `waveform`
        of a voice message. Raises FileTooLarge, NotAudio, OSError, and as `result`.
        """
        return await uploads.upload(self.result, source, name, file_type, signal, details)

    async def download(
        self, url: str, max_bytes: int | None = None, seconds: float = downloads.SECONDS
    ) -> downloads.Downloaded:
        """Download an attachment of at most `max_bytes` (default: BOTS_MAX_FILE) in `seconds`.

        The token is not sent. Raises FileTooLarge and NotFetched, also if the URL or a redirect
        leads to an address that is not public.
        """
        return await downloads.download(url, self.base_url, max_bytes, seconds)

    # --- requests --------------------------------------------------------------------------------

    async def _send(
        self, method: str, payload: dict[str, Any], signal: Signal | None
    ) -> ApiResponse:
        if method == "upload_file":
            answer = await unless(signal, uploads.send(payload))
        else:
            answer = await unless(signal, self._request(method, payload))
        return ApiResponse(answer.status, _read(answer), _retry_after(answer), _sent_at(answer))

    async def _request(self, method: str, payload: dict[str, Any]) -> Answer:
        verb, template = METHODS[method]
        given = dict(payload)
        url = self.base_url + template.format_map(_PathParameters(given))
        headers, body = dict(self._headers), cast(Any, None)
        if verb in ("GET", "DELETE"):
            url = f"{url}?{query}" if (query := urlencode(list(_query(given)))) else url
        elif any(isinstance(value, InputFile) for value in given.values()):
            body = _form(given)
        elif given:
            body, headers["Content-Type"] = _json(given), "application/json"
        # The path and the query are already quoted.
        return await exchange(verb, URL(url, encoded=True), headers=headers, data=body)


def check_new(names: Iterable[str]) -> None:
    """Raise ValueError for names of methods that every api has."""
    for name in names:
        if hasattr(Api, name) or name in METHODS:
            raise ValueError(f"The api has a method {name} already.")


def _json(given: dict[str, Any]) -> bytes:
    return json.dumps(given, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _form(given: dict[str, Any]) -> aiohttp.FormData:
    """Return a multipart form. Its files are small: avatars of users and bots."""
    form = aiohttp.FormData(quote_fields=False)
    for name, value in given.items():
        if isinstance(value, InputFile):
            details = {"filename": value.safe_name, "content_type": value.content_type}
            form.add_field(name, value.read(), **details)
        else:
            form.add_field(name, _text(value))
    return form


def _query(given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        if isinstance(value, list | tuple):
            yield from ((f"{name}[]", _text(item)) for item in value)
        elif value is not None:
            yield name, _text(value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class _PathParameters(dict[str, Any]):
    """Provides the parameters of a path and removes them from the payload."""

    def __init__(self, payload: dict[str, Any]) -> None:
        self.payload = payload

    def __missing__(self, name: str) -> str:
        value = self.payload.pop(name, None)
        if isinstance(value, bool) or not isinstance(value, int | str) or value in ("", ".", ".."):
            raise BadParameters(f"{name} must be given, as a number or a text.")
        return quote(str(value), safe="")


def _read(answer: Answer) -> Any:
    # The body may be anything: a 429 is plain text, a gateway's 502 is HTML.
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return answer.body[:2000].decode(errors="replace") or None


def _retry_after(answer: Answer) -> float | None:
    try:
        seconds = float(answer.headers["Retry-After"])
    except (KeyError, ValueError):
        return None
    return seconds if 0 <= seconds < inf else None


def _sent_at(answer: Answer) -> datetime | None:
    try:
        return parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return None


__all__ = ["Api", "Call"]
