"""The API of one bot."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from math import inf
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from bots.api import downloads, uploads
from bots.api.chain import Call, Transformer, chained
from bots.api.connection import Answer, exchange
from bots.api.envelope import ApiError, ApiResponse, BadParameters, UnknownMethod
from bots.api.files import InputFile, Source
from bots.api.methods import ABSENT, Methods
from bots.api.signals import Signal, unless
from bots.api.table import METHODS, check
from bots.models import Bot

Flavour = TypeVar("Flavour")
AddedMethod = Callable[..., Awaitable[Any]]


class Api(Methods):
    """The API of one bot: `await api.get_profile()` and all the other methods.

    `use` wraps it in transformers; the one installed last is outermost.
    """

    def __init__(self, bot: Bot) -> None:
        self.base_url = bot.api_url
        self.signal: Signal | None = None
        self._headers = {"Authorization": f"Bearer {bot.token}"}
        self._transformers: list[Transformer] = []
        self._added: dict[str, AddedMethod] = {}

    # --- the chain -------------------------------------------------------------------------------

    def use(self, *transformers: Transformer) -> None:
        self._transformers += transformers

    def fork(self, signal: Signal | None = None) -> "Api":
        """Return an api of its own: it begins with what is installed here, and ends with its user.

        What is used or added on one of the two changes nothing on the other. `signal` is the one
        of every call that is given none.
        """
        forked = object.__new__(type(self))
        forked.__dict__ |= self.__dict__
        forked.signal = signal or self.signal
        forked._transformers = list(self._transformers)
        forked._added = dict(self._added)
        return forked

    # --- flavours --------------------------------------------------------------------------------

    def add(self, **methods: AddedMethod) -> None:
        """Add methods: `add(say=say)` makes `api.say(…)` of `async def say(api, …)`.

        Forks inherit them, and each is given the api that it is called on. A name that the api has
        already is refused, with ValueError.
        """
        for name, function in methods.items():
            if hasattr(type(self), name) or name in METHODS:
                raise ValueError(f"The api has a method {name} already.")
            self._added[name] = function

    def flavoured(self, flavour: Callable[..., Flavour]) -> Flavour:
        """Return this api typed as the protocol; raises TypeError where a method was not added."""
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
        """Make a call and return its envelope, refusals included.

        Parameters of the path are taken out of `payload` by name; the rest is the query of a GET
        or DELETE, and the JSON body of anything else. Raises UnknownMethod, BadParameters,
        CallCancelled, and NoAnswer when none came.
        """
        if method not in METHODS:
            raise UnknownMethod(method)
        call = chained(self._send, self._transformers)
        return await call(method, dict(payload or {}), signal or self.signal)

    async def result(
        self,
        method: str,
        payload: dict[str, Any] | None = None,
        signal: Signal | None = None,
    ) -> Any:
        """Make a call and return the `data` of its answer; raises ApiError when it is refused."""
        response = await self.call(method, payload, signal)
        if not response.ok:
            raise ApiError(method, response)
        return response.data

    async def checked(self, method: str, parameters: dict[str, Any]) -> Any:
        """Make a call whose parameters keep to Pachca's description; what is ABSENT is not sent."""
        given = {name: value for name, value in parameters.items() if value is not ABSENT}
        check(method, given)
        return await self.result(method, given)

    async def every(self, method: str, payload: dict[str, Any] | None = None) -> AsyncIterator[Any]:
        """Yield what a list holds, page after page: `async for user in api.every("list_users")`."""
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

        `source` is a path, bytes (then `name` is needed), a Django file, or an InputFile. What
        Pachca wants to know of the kind is found out where `details` do not say it: the width and
        height of an image, `duration_ms` and `waveform` of a voice message.
        Raises FileTooLarge, NotAudio, OSError, and what `result` does.
        """
        return await uploads.upload(self, source, name, file_type, signal, details)

    async def download(
        self, url: str, max_bytes: int | None = None, seconds: float = downloads.SECONDS
    ) -> downloads.Downloaded:
        """Fetch an attachment: at most `max_bytes` (BOTS_MAX_FILE), within `seconds`.

        No token is sent along. Raises FileTooLarge, and NotFetched also where the address, or one
        that it redirects to, is not a public one.
        """
        return await downloads.download(url, self.base_url, max_bytes, seconds)

    # --- the wire --------------------------------------------------------------------------------

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
        url = self.base_url + template.format_map(_Taken(given))
        headers, body = dict(self._headers), cast(Any, None)
        if verb in ("GET", "DELETE"):
            url = f"{url}?{query}" if (query := urlencode(list(_query(given)))) else url
        elif any(isinstance(value, InputFile) for value in given.values()):
            body = _form(given)
        elif given:
            body, headers["Content-Type"] = _json(given), "application/json"
        # What is in the path and the query is quoted: it is to leave as it is.
        return await exchange(verb, URL(url, encoded=True), headers=headers, data=body)


def _json(given: dict[str, Any]) -> bytes:
    return json.dumps(given, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _form(given: dict[str, Any]) -> aiohttp.FormData:
    """Return a form with files: pictures of people and bots, which are small."""
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


class _Taken(dict[str, Any]):
    """Gives a path its parameters and takes them out of the payload."""

    def __init__(self, payload: dict[str, Any]) -> None:
        self.payload = payload

    def __missing__(self, name: str) -> str:
        value = self.payload.pop(name, None)
        if isinstance(value, bool) or not isinstance(value, int | str) or value in ("", ".", ".."):
            raise BadParameters(f"{name} must be given, as a number or a text.")
        return quote(str(value), safe="")


def _read(answer: Answer) -> Any:
    # A 429 is plain text and a gateway's 502 is HTML: the status counts, the body may be anything.
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
