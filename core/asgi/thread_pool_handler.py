"""A Django handler that runs each request in one thread of a pool.

Under ASGI, Django switches to a thread and back for each synchronous middleware and view, a dozen
times per request, which costs more than a short call itself. Here the body is read first, then the
synchronous middleware chain and the view run in one thread. Responses must fit into memory.
"""

import asyncio
from collections.abc import Callable, Sequence
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


class ThreadPoolHandler(ASGIHandler):
    """Runs requests in `threads` threads through `middleware`, which may not have view hooks.

    With a `view`, every request goes to it, and the URLconf is not searched.
    """

    def __init__(
        self,
        threads: int,
        middleware: Sequence[str] = (),
        view: Callable[[HttpRequest], HttpResponseBase] | None = None,
    ) -> None:
        self._middleware, self._view = middleware, view
        super().__init__()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="calls")

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        handler = self._view or self._get_response  # type: ignore[attr-defined]  # not in the stubs
        handler = convert_exception_to_response(handler)
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
            self._threads, context.run, self._respond, scope, body
        ):
            await send(event)

    def _respond(self, scope: Any, body: Any) -> list[Event]:
        """Return the ASGI messages. Connections are closed in the thread that opened them."""
        signals.request_started.send(sender=type(self), scope=scope)
        request, error_response = self.create_request(scope, body)
        response = error_response or self.get_response(cast(HttpRequest, request))
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
