"""Structured logs: each line has the id of its request or task, and secrets are masked."""

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

from core.masking import is_suspicious, mask

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = structlog.stdlib.get_logger(__name__)

VALID_REQUEST_ID = re.compile(rb"[\w.-]{8,64}", re.ASCII)
# nginx's status for a client that closed the connection before the response.
CLIENT_CLOSED_REQUEST = 499

# These loggers propagate to the root logger only, with the levels given here.
LEVELS: dict[str, str] = {
    "django": "NOTSET",
    "django.server": "NOTSET",
    "django.request": "ERROR",
    "django.security.DisallowedHost": "NOTSET",
    "django.channels.server": "WARNING",  # Daphne's line per request
    "uvicorn": "NOTSET",
    "uvicorn.error": "WARNING",  # at INFO it logs two lines per websocket
    "uvicorn.access": "CRITICAL",
    "celery.app.trace": "WARNING",  # tracebacks; core.logs.tasks logs successful tasks
    "celery.beat": "WARNING",  # its line per task
    "celery.worker.strategy": "WARNING",
    "httpx": "WARNING",  # its line per call contains the whole URL
    "pymorphy3": "WARNING",  # messages about loading the dictionary
}


class RequestLog:
    """ASGI middleware that gives each request an id and logs one line when it has ended.

    It wraps the whole application, so it needs no thread and covers responses of middleware and
    websockets. The query string is not logged: clients pass keys in it.
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
    """Return the client's X-Request-ID if it is valid, or a new id."""
    given = next((value for name, value in headers if name == b"x-request-id"), b"")
    return given.decode() if VALID_REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def level_of(status: int) -> int:
    if status >= 500:
        return logging.ERROR
    return logging.WARNING if status >= 400 else logging.INFO


def is_traceback(record: logging.LogRecord) -> bool:
    """Keep only records with a traceback: RequestLog logs the status."""
    return bool(record.exc_info)


def without_traceback(record: logging.LogRecord) -> bool:
    """Drop the traceback: scanners cause many of them, and all are the same."""
    record.exc_info = record.exc_text = None
    return True


def without_stack(record: logging.LogRecord) -> bool:
    """Shorten the error of beat to its message: the traceback is always the same."""
    if record.exc_info and record.args:
        record.msg, record.args = "Beat could not publish a task: %s", tuple(record.args)[:1]
        record.exc_info = record.exc_text = None
    return True


# Filters by logger name.
FILTERS: dict[str, Callable[[logging.LogRecord], bool]] = {
    "django.request": is_traceback,
    "django.security.DisallowedHost": without_traceback,
    "celery.beat": without_stack,
}


class Formatter(structlog.stdlib.ProcessorFormatter):
    """Masks dicts among the arguments before they are formatted, while keys are known."""

    def format(self, record: logging.LogRecord) -> str:
        if record.args:
            record = copy.copy(record)
            record.args = _safe_arguments(record.args)
        return super().format(record)


def _safe_arguments(args: Any) -> Any:
    if isinstance(args, tuple):
        return tuple(mask(one) if isinstance(one, dict | list | tuple) else one for one in args)
    return mask(args)


class Console(logging.StreamHandler[Any]):
    """Reports a line that cannot be formatted, without its arguments: they may contain secrets."""

    def handleError(self, record: logging.LogRecord) -> None:
        place = f"{record.pathname}:{record.lineno}"
        report = copy.copy(record)
        report.msg, report.args, report.exc_info = (
            f"The log line of {place} cannot be formatted",
            (),
            None,
        )
        with suppress(Exception):
            self.stream.write(self.format(report) + self.terminator)


def without_secrets(render: Processor) -> Processor:
    """Make `render` mask secrets in the line, including its message and traceback.

    The line is rendered first and masked only if it looks as if it contained a secret: few do.
    """

    def render_masked(logger: Any, name: str, event_dict: EventDict) -> Any:
        line = str(render(logger, name, dict(event_dict)))
        return render(logger, name, mask(event_dict)) if is_suspicious(line) else line

    return render_masked


def logging_config(*, as_json: bool, level: str) -> dict[str, Any]:
    """Return the LOGGING setting: JSON lines for machines, short text for people.

    The loggers of structlog use the same handlers as all others.
    """
    shared = _shared_processors(as_json)
    _route_structlog_to_logging(shared)
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


def _route_structlog_to_logging(shared: list[Processor]) -> None:
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
