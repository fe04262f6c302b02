"""Which handler answers which event."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from realtime.connection import WebSocketConnection
from realtime.envelope import RESERVED


@dataclass(frozen=True, slots=True)
class EventContext:
    """What a handler is told: the event, and the connection that it came by."""

    event_name: str
    payload: Any
    headers: dict[str, Any]
    connection: WebSocketConnection


Handler = Callable[[EventContext], Awaitable[None]]


class EventRegister:
    """Handlers by event name. Registers share nothing: each endpoint serves its own.

    An event has one handler. The server's own events (`connected`, `disconnected`, `error`) may
    have several, so that apps need not know of each other.
    """

    def __init__(self) -> None:
        self._handlers: dict[str, list[Handler]] = {}

    def on_event(self, name: str) -> Callable[[Handler], Handler]:
        """Register the decorated async function as a handler of the event `name`."""

        def add(handler: Handler) -> Handler:
            handlers = self._handlers.setdefault(name, [])
            if handlers and name not in RESERVED:
                raise ValueError(f"The event {name!r} has a handler already: {handlers[0]}.")
            handlers.append(handler)
            return handler

        return add

    def handlers_of(self, name: str) -> Sequence[Handler]:
        return self._handlers.get(name, ())


register = EventRegister()
"""The register served at /ws. An app adds to it in its `events.py`, which is found by itself."""
