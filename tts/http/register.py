"""The calls under /tts/. Each is a function decorated by `request_mapping`."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from core.scopes import Scope, allows
from tts import storage
from tts.errors import InvalidSpeech, TooManySpeeches
from tts.http.authentication import TooManyAttempts, authenticate
from tts.http.bodies import BadBody, read_json

logger = logging.getLogger(__name__)

SEGMENT = re.compile(r"[A-Za-z0-9._~-]+")
# `tts.http.files` serves the audio under this prefix.
FILES = "files/"


@dataclass(frozen=True)
class Answer:
    """The response of a call: `{"msg": …}` and the fields of `more`; headers name the speaker."""

    msg: str
    status: int = 200
    more: dict[str, Any] = field(default_factory=dict)
    spoken_by: str = ""
    wait: int = 5
    """Seconds for `Retry-After`, with status 429 and 503."""

    def response(self) -> JsonResponse:
        """Return the HTTP response."""
        body = {"msg": self.msg, **self.more}
        headers = voice_headers(self.spoken_by)
        if self.status in (429, 503):
            headers["Retry-After"] = str(self.wait)
        return JsonResponse(body, status=self.status, headers=headers)


NOT_READY = Answer("NOT_READY", 503)
NO_KEY = Answer("Send a valid API key in the header api-key.", 401)
NO_SCOPE = Answer("The API key needs the scope “speech”.", 403)

Call = Callable[[Any, dict[str, Any]], Answer]
"""Takes the calling user and the JSON body; raises BadBody, InvalidSpeech, TooManySpeeches."""

_patterns: dict[str, URLPattern] = {}


def request_mapping(
    url: str, *, methods: tuple[str, ...] = ("POST",), is_open: bool = False
) -> Callable[[Call], Call]:
    """Serve the decorated function at `url`, below /tts/. A call that `is_open` needs no key.

    Raises ValueError, when the module is imported, if the URL is empty, taken, or contains
    characters that must be escaped. Leading and trailing slashes are ignored.
    """
    key = url.strip("/")
    if not key:
        raise ValueError("The URL of a call cannot be empty.")
    if not all(map(SEGMENT.fullmatch, key.split("/"))):
        raise ValueError(
            f"The URL {url!r} may only contain letters, digits, -, _, ., ~ and single /."
        )
    if key in _patterns or key.startswith(FILES):
        raise ValueError(f"The URL {url!r} is taken already.")

    def add(call: Call) -> Call:
        _patterns[key] = path(url.lstrip("/"), _view(call, methods, is_open))
        return call

    return add


def patterns_beside(pages: list[URLPattern]) -> list[URLPattern]:
    """Return the patterns of pages, then of calls; raises ValueError if they overlap."""
    for key in _patterns:
        if any(page.resolve(key) for page in pages):
            raise ValueError(f"The URL {key!r} belongs to a page.")
    return [*pages, *_patterns.values()]


def voice_headers(spoken_by: str, fell_back: str = "") -> dict[str, str]:
    """Return the headers that name the engine and the voice in `Audio.spoken_by`."""
    engine, _, voice = spoken_by.partition(": ")
    headers = {"X-Engine": engine, "X-Voice": voice, "X-Fallback-Reason": one_line(fell_back)}
    return {name: value for name, value in headers.items() if value}


def one_line(text: str) -> str:
    """Return a text as ASCII of at most 200 characters on one line, for a header."""
    return " ".join(text.split()).encode("ascii", "replace").decode()[:200]


def _view(call: Call, methods: tuple[str, ...], is_open: bool) -> Callable[..., HttpResponse]:
    @csrf_exempt  # authentication is by key, never by cookie
    def view(request: HttpRequest) -> HttpResponse:
        if request.method not in methods:
            answer = Answer(f"Only {' and '.join(methods)}.", 405).response()
            answer.headers["Allow"] = ", ".join(methods)
            return answer
        try:
            return _answer(call, request, is_open).response()
        except (BadBody, InvalidSpeech) as error:
            return Answer(str(error), 400).response()
        except TooManySpeeches as error:
            return Answer(str(error), 429).response()
        except TooManyAttempts as error:
            return Answer(str(error), 429, wait=error.wait).response()
        except (DatabaseError, ConnectionError):
            logger.exception("The database or the media storage is unavailable.")
            return NOT_READY.response()

    return view


def _answer(call: Call, request: HttpRequest, is_open: bool) -> Answer:
    if not storage.is_writable():
        return NOT_READY
    caller = None if is_open else authenticate(request)
    if caller is None and not is_open:
        return NO_KEY
    if not is_open and not allows(caller, Scope.SPEECH):
        return NO_SCOPE
    return call(caller, read_json(request))
