"""Structured logs: every line carries the request or the task it belongs to, and never a secret."""

import copy
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import Any

import structlog
from django.utils.log import CallbackFilter
from structlog.typing import EventDict, Processor

from project.masking import is_suspicious, masked

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = structlog.stdlib.get_logger(__name__)

SANE_REQUEST_ID = re.compile(rb"[\w.-]{8,64}", re.ASCII)
# What nginx calls a client that did not wait for its answer.
CLIENT_CLOSED_REQUEST = 499

# They write to the root logger alone, whatever handlers and levels they came with.
LEVELS: dict[str, str] = {
    "django": "NOTSET",
    "django.server": "NOTSET",
    "django.request": "ERROR",
    "django.security.DisallowedHost": "NOTSET",
    "django.channels.server": "WARNING",  # Daphne's line per request
    "uvicorn": "NOTSET",
    "uvicorn.error": "WARNING",  # at INFO it says two lines of every websocket
    "uvicorn.access": "CRITICAL",
    "celery.app.trace": "WARNING",  # tracebacks; `task_log` has the line for a success
    "celery.beat": "WARNING",  # its line per ring
    "celery.worker.strategy": "WARNING",
    "httpx": "WARNING",  # its line per call has the whole address
}


class RequestLog:
    """ASGI middleware: names each request and writes one line about it when it has ended.

    It stands around the whole application, so it costs no thread, sees what middleware answers,
    and serves websockets too. The query string stays out: it is where callers put keys.
    """

    def __init__(self, application: Application, quiet: Iterable[str] = ()) -> None:
        self.application = application
        self.quiet = tuple(quiet)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.application(scope, receive, send)
            return
        with structlog.contextvars.bound_contextvars(request_id=request_id(scope["headers"])):
            if scope["type"] == "http":
                await self._http(scope, receive, send)
            else:
                await self._websocket(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = CLIENT_CLOSED_REQUEST
        name = structlog.contextvars.get_contextvars()["request_id"].encode()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", name)]
            await send(message)

        started = time.perf_counter()
        try:
            await self.application(scope, receive, answer)
        except Exception:
            status = 500
            raise
        finally:
            self._write("request", scope, started, level_of(status), status=status)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        try:
            await self.application(scope, receive, send)
        finally:
            self._write("websocket", scope, started, logging.INFO)

    def _write(self, event: str, scope: Scope, started: float, level: int, **more: Any) -> None:
        method = {"method": scope["method"]} if "method" in scope else {}
        ms = round((time.perf_counter() - started) * 1000, 1)
        if scope["path"].startswith(self.quiet):
            level = logging.DEBUG
        logger.log(level, event, **method, path=scope["path"], **more, ms=ms)


def request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the caller's X-Request-ID, or a new one where there is none or no sane one."""
    given = next((value for name, value in headers if name == b"x-request-id"), b"")
    return given.decode() if SANE_REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def level_of(status: int) -> int:
    if status >= 500:
        return logging.ERROR
    return logging.WARNING if status >= 400 else logging.INFO


def is_traceback(record: logging.LogRecord) -> bool:
    """Let tracebacks through alone: RequestLog has the line that says 404 or 503."""
    return bool(record.exc_info)


def without_traceback(record: logging.LogRecord) -> bool:
    """Drop the traceback: whoever scans the internet can make one, and it always is the same."""
    record.exc_info = record.exc_text = None
    return True


def without_stack(record: logging.LogRecord) -> bool:
    """Leave of beat's failure to ring what went wrong; where, is always the same."""
    if record.exc_info and record.args:
        record.msg, record.args = "Beat could not ring: %s", tuple(record.args)[:1]
        record.exc_info = record.exc_text = None
    return True


# More on single loggers, by name.
FILTERS: dict[str, Callable[[logging.LogRecord], bool]] = {
    "django.request": is_traceback,
    "django.security.DisallowedHost": without_traceback,
    "celery.beat": without_stack,
}


class Formatter(structlog.stdlib.ProcessorFormatter):
    """Masks dicts among the arguments while their keys can still be told from their values."""

    def format(self, record: logging.LogRecord) -> str:
        if record.args:
            record = copy.copy(record)
            record.args = _safe_arguments(record.args)
        return super().format(record)


def _safe_arguments(args: Any) -> Any:
    if isinstance(args, tuple):
        return tuple(masked(one) if isinstance(one, dict | list | tuple) else one for one in args)
    return masked(args)


class Console(logging.StreamHandler[Any]):
    """Says which line could not be written, without its arguments: they may hold a secret."""

    def handleError(self, record: logging.LogRecord) -> None:
        place = f"{record.pathname}:{record.lineno}"
        told = copy.copy(record)
        told.msg, told.args, told.exc_info = (
            f"The log line of {place} cannot be formatted",
            (),
            None,
        )
        with suppress(Exception):
            self.stream.write(self.format(told) + self.terminator)


def without_secrets(render: Processor) -> Processor:
    """Make `render` mask what the line holds, the message and the traceback too.

    Few lines need it: what would be written is looked at as a whole, and only where it might hold
    a secret it is taken apart.
    """

    def rendered(logger: Any, name: str, event_dict: EventDict) -> Any:
        line = str(render(logger, name, dict(event_dict)))
        return render(logger, name, masked(event_dict)) if is_suspicious(line) else line

    return rendered


def logging_config(*, as_json: bool, level: str) -> dict[str, Any]:
    """Return the LOGGING setting: JSON lines for machines, short text for people.

    What structlog's loggers write goes the same way as what all others do.
    """
    shared = _shared_processors(as_json)
    _lead_structlog_to_logging(shared)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": _formatter(shared, _renderer(as_json))},
        "handlers": {"console": {"()": Console, "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {name: _logger(name, least) for name, least in LEVELS.items()},
        "filters": {
            name: {"()": CallbackFilter, "callback": keep} for name, keep in FILTERS.items()
        },
    }


def _shared_processors(as_json: bool) -> list[Processor]:
    time_stamper = (
        structlog.processors.TimeStamper(fmt="iso", utc=True)
        if as_json
        else structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)
    )
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        time_stamper,
    ]


def _lead_structlog_to_logging(shared: list[Processor]) -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _formatter(shared: list[Processor], render: Processor) -> dict[str, Any]:
    return {
        "()": Formatter,
        "foreign_pre_chain": shared,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            without_secrets(render),
        ],
    }


def _logger(name: str, least: str) -> dict[str, Any]:
    filters = [name] if name in FILTERS else []
    return {"handlers": [], "level": least, "propagate": True, "filters": filters}


def _renderer(as_json: bool) -> Processor:
    if as_json:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
