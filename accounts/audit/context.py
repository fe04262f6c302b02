"""The request in which something happens, for signals that have none among their arguments."""

from collections.abc import Callable
from contextvars import ContextVar
from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

_current: ContextVar[HttpRequest | None] = ContextVar("accounts.audit.request", default=None)


def current_request() -> HttpRequest | None:
    """Return the request that is being handled; None in jobs, commands and websockets."""
    return _current.get()


@sync_and_async_middleware
def request_context(get_response: Callable[[HttpRequest], Any]) -> Callable[..., Any]:
    """Make the request known to `current_request` while it is handled."""
    if iscoroutinefunction(get_response):

        async def middleware(request: HttpRequest) -> HttpResponseBase:
            token = _current.set(request)
            try:
                response: HttpResponseBase = await get_response(request)
            finally:
                _current.reset(token)
            return response

        return middleware

    def sync_middleware(request: HttpRequest) -> HttpResponseBase:
        token = _current.set(request)
        try:
            response: HttpResponseBase = get_response(request)
        finally:
            _current.reset(token)
        return response

    return sync_middleware
