"""Checking at start-up that every handler names only what it can be given."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bots.calling import Function
from bots.observer import BadHandler, Handler, Observer

if TYPE_CHECKING:
    from bots.router import Router

# What every handler may name.
COMMON = frozenset(
    {
        "api",
        "bot",
        "chat",
        "commands",
        "event",
        "handler",
        "i18n",
        "router",
        "state",
        "update",
        "user",
        "wizard",
    }
)
# How the event may be named, and what else there is, where that is not just the observer's name.
EVENT_NAMES: dict[str, tuple[str, ...]] = {
    "message_edited": ("message",),
    "message_deleted": ("message",),
    "view": ("view", "ack"),
    "update": (),
    "error": ("error", "exception"),
}


def check(root: "Router", declared: Iterable[str] = ()) -> None:
    """Raise BadHandler for the first handler of the tree that asks for what does not exist."""
    for router in root.tree():
        for observer in router.observers.values():
            known = COMMON | frozenset(declared) | _given_by_middlewares(router, observer)
            known |= frozenset(EVENT_NAMES.get(observer.name, (observer.name,)))
            for handler in observer.handlers:
                _check(handler, known | _given_by_filters(observer, handler))


def _given_by_middlewares(router: "Router", observer: Observer) -> frozenset[str]:
    lists = [
        middlewares
        for above in router.lineage()
        for one in (above.observers[observer.name], above.observers["update"])
        for middlewares in (one.middleware, one.outer_middleware)
    ]
    return frozenset().union(*(it.gives for it in lists))


def _given_by_filters(observer: Observer, handler: Handler) -> frozenset[str]:
    return frozenset().union(*(it.gives for it in (*observer.filters, *handler.filters)))


def _check(handler: Handler, known: frozenset[str]) -> None:
    for function in (handler.function, *handler.lazy):
        if function.positional:
            raise BadHandler(f"{_named(function)} takes arguments by position; name them.")
        unknown = function.required - known - set(function.of_type(handler.event_type))
        if unknown:
            raise BadHandler("".join(_complaint(function, unknown, known)))


def _complaint(function: Function, unknown: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    yield f"{_named(function)} asks for {', '.join(sorted(unknown))};"
    yield f" it may name {', '.join(sorted(known))}."
    yield " What a middleware or filter adds is declared by @gives(...), what start-up adds by"
    yield " root[...] = ..., or give the argument a default."


def _named(function: Function) -> str:
    return f"{function.where}: {function.name}"
