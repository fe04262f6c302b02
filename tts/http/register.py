"""The calls under /tts/: each is one function under `request_mapping`."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from tts import storage
from tts.actions import TooManySpeeches
from tts.errors import BadWish
from tts.http.bodies import BadBody, json_of
from tts.http.callers import caller_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What a call says: `{"msg": …}`, with more beside it."""

    msg: str
    status: int = 200
    more: dict[str, Any] = field(default_factory=dict)

    def response(self) -> JsonResponse:
        return JsonResponse({"msg": self.msg, **self.more}, status=self.status)


NOT_READY = Answer("NOT_READY", 503)
NO_KEY = Answer("Show a valid api-key.", 401)

Call = Callable[[Any, dict[str, Any]], Answer]
"""Takes who calls and what was sent; raises BadBody, BadWish, TooManySpeeches."""

_patterns: dict[str, URLPattern] = {}


def request_mapping(
    url: str, *, methods: tuple[str, ...] = ("POST",), is_open: bool = False
) -> Callable[[Call], Call]:
    """Serve the decorated function at `url`; what `is_open` needs no key.

    Raises ValueError for an empty or a taken URL, when the module is loaded.
    """
    if not url.strip("/"):
        raise ValueError("A call needs a URL that is not empty.")
    if url in _patterns:
        raise ValueError(f"The URL {url!r} is taken already.")

    def add(call: Call) -> Call:
        _patterns[url] = path(url.lstrip("/"), _view(call, methods, is_open))
        return call

    return add


def patterns() -> list[URLPattern]:
    return list(_patterns.values())


def _view(call: Call, methods: tuple[str, ...], is_open: bool) -> Callable[..., HttpResponse]:
    @csrf_exempt  # a key is shown, never a cookie
    def view(request: HttpRequest) -> HttpResponse:
        if request.method not in methods:
            answer = Answer(f"Only {' and '.join(methods)}.", 405).response()
            answer.headers["Allow"] = ", ".join(methods)
            return answer
        try:
            return _answer(call, request, is_open).response()
        except (BadBody, BadWish) as error:
            return Answer(str(error), 400).response()
        except TooManySpeeches as error:
            return Answer(str(error), 429).response()
        except (DatabaseError, ConnectionError):
            logger.exception("The store is not ready.")
            return NOT_READY.response()

    return view


def _answer(call: Call, request: HttpRequest, is_open: bool) -> Answer:
    if not storage.is_ready():
        return NOT_READY
    caller = None if is_open else caller_of(request)
    if caller is None and not is_open:
        return NO_KEY
    return call(caller, json_of(request))
