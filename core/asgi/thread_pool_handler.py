"""Django for short calls: the whole of a request in one thread, without a hop per middleware.

Under ASGI, Django takes each synchronous middleware and view to a thread and back, a dozen times a
request, and that costs more than what a short call does. Here the request is read, answered by the
synchronous chain of its own middleware in one of a few threads, and sent. For answers that fit
into memory.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, cast

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

Event = dict[str, Any]


class OneHop(ASGIHandler):
    """Answers in `threads` threads, by the middleware named; none of it may want to see views."""

    def __init__(self, threads: int, middleware: Sequence[str] = ()) -> None:
        self._middleware = middleware
        super().__init__()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="calls")

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        handler = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]  # Django's stubs lack it
        for name in reversed(self._middleware):
            handler = convert_exception_to_response(import_string(name)(handler))
        self._middleware_chain = handler

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        loop, context = asyncio.get_running_loop(), copy_context()
        for event in await loop.run_in_executor(
            self._threads, context.run, self._answer, scope, body
        ):
            await send(event)

    def _answer(self, scope: Any, body: Any) -> list[Event]:
        """Return what to send. What a request opens is closed in the thread that opened it."""
        signals.request_started.send(sender=type(self), scope=scope)
        request, refusal = self.create_request(scope, body)
        response = refusal or self.get_response(cast(HttpRequest, request))
        try:
            return [_start(response), {"type": "http.response.body", "body": _content(response)}]
        finally:
            response.close()  # sends request_finished
            body.close()


def _start(response: HttpResponseBase) -> Event:
    headers = [(name.lower(), value) for name, value in response.items()]
    headers += [("set-cookie", cookie.OutputString()) for cookie in response.cookies.values()]
    return {
        "type": "http.response.start",
        "status": response.status_code,
        "headers": [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers],
    }


def _content(response: Any) -> bytes:
    return b"".join(response) if response.streaming else bytes(response.content)
