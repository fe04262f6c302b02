"""Checks at start-up that all parameters of handlers can be provided."""

import inspect
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import TYPE_CHECKING

from bots.framework.filters.base import Filter
from bots.framework.routing.errors import (
    BY_POSITION,
    DECORATOR,
    UNKNOWN_ARGUMENT,
    BadHandler,
    did_you_mean,
)
from bots.framework.routing.injection import Function, names_for_filters, names_for_handlers
from bots.framework.routing.observer import Handler, Observer

if TYPE_CHECKING:
    from bots.framework.routing.router import Router

# Values that are always available, besides registered context values.
ALWAYS = frozenset({"bot", "chat", "event", "handler", "router", "update"})
# Names of the event and further values, where they differ from the observer's name.
EVENT_NAMES: dict[str, tuple[str, ...]] = {
    "message_edited": ("message",),
    "message_deleted": ("message",),
    "view": ("view", "ack"),
    "update": (),
    "error": ("error", "exception"),
}

# Names in aiogram.
ELSEWHERE = {
    "callback": "button",
    "callback_query": "button",
    "query": "button",
    "event_from_user": "user",
    "from_user": "user",
    "callback_answer": "button",
}


def check(root: "Router", declared: Iterable[str] = ()) -> None:
    """Raise BadHandler for the first handler that requests an unknown value."""
    for mistake in mistakes(root, declared):
        raise mistake


def mistakes(root: "Router", declared: Iterable[str] = ()) -> Iterator[BadHandler]:
    """Yield errors of handlers and filters that request unknown values."""
    for router, observer in observers(root):
        known = names_for(router, observer, declared)
        for one in observer.filters:
            yield from _of_filter(one, known | one.gives, "")
        for handler in observer.handlers:
            given = known | _values_of_filters(observer, handler)
            for one in handler.filters:
                yield from _of_filter(one, given, handler.where)
            for function in (handler.function, *handler.lazy):
                yield from _of_function(function, given, function.of_type(handler.event_type))


def observers(root: "Router") -> Iterator[tuple["Router", Observer]]:
    """Return all observers of the tree with their routers."""
    return ((router, one) for router in root.tree() for one in router.observers.values())


def names_for_all_handlers() -> frozenset[str]:
    """Return the values that all handlers can request."""
    return ALWAYS | names_for_handlers()


def names_for(router: "Router", observer: Observer, declared: Iterable[str]) -> frozenset[str]:
    """Return the values that handlers of the observer can request, without those of filters."""
    event_names = frozenset(EVENT_NAMES.get(observer.name, (observer.name,)))
    given = _values_of_middlewares(router, observer)
    return names_for_all_handlers() | frozenset(declared) | given | event_names


def _values_of_middlewares(router: "Router", observer: Observer) -> frozenset[str]:
    lists = [
        middlewares
        for above in router.lineage()
        for one in (above.observers[observer.name], above.observers["update"])
        for middlewares in (one.middleware, one.outer_middleware)
    ]
    return frozenset().union(*(it.gives for it in lists))


def _values_of_filters(observer: Observer, handler: Handler) -> frozenset[str]:
    return frozenset().union(*(it.gives for it in (*observer.filters, *handler.filters)))


def _of_filter(one: Filter, known: frozenset[str], where: str) -> Iterator[BadHandler]:
    for part in one.all_parts():
        if (function := part.asks) is None:
            continue
        if function.takes_only_what_comes:
            yield from (_bad(function, it, DECORATOR) for it in _problems_of_decorator(function))
        known = known | names_for_filters() | {"context"}
        for name in sorted(function.required - known):
            yield _unknown(function, name, known, function.where if function.has_code else where)


def _of_function(
    function: Function, known: frozenset[str], typed: Iterable[str]
) -> Iterator[BadHandler]:
    if function.positional:
        yield _bad(function, "has positional-only parameters. Remove the / from them.", BY_POSITION)
    for problem in _problems_of_decorator(function):
        yield _bad(function, problem, DECORATOR)
    for name in sorted(function.required - known - set(typed)):
        yield _unknown(function, name, known, function.where)


def _problems_of_decorator(function: Function) -> Iterator[str]:
    if function.not_passed_on:
        names = ", ".join(sorted(function.not_passed_on))
        yield f"requests {names}, which its decorator does not pass on. Add **kwargs to it."
    if function.takes_only_what_comes:
        yield (
            "has only *args, as the wrapper of a decorator without functools.wraps, so its"
            " parameters are unknown. Add @functools.wraps to the decorator."
        )
    if function.awaits and getattr(function.call, "__code__", None) in WITH_BLOCKS:
        yield (
            "is async, but its decorator is a context manager such as transaction.atomic, which"
            " exits before an async function runs. Use `with` inside, or make the function sync."
        )
    if inspect.isgeneratorfunction(function.inner) or inspect.isasyncgenfunction(function.inner):
        yield "is a generator. Return a list of replies instead."


def _unknown(function: Function, name: str, known: frozenset[str], where: str) -> BadHandler:
    meant = ELSEWHERE.get(name)
    hint = f" Did you mean {meant}?" if meant and meant in known else did_you_mean(name, known)
    return BadHandler(
        f"{function.name} requests {name}, which is not available.{hint} Available values:"
        f" {', '.join(sorted(known))}. Declare values of middlewares and filters with @gives(...),"
        " set root[...] = ... at start-up, or give the argument a default.",
        UNKNOWN_ARGUMENT,
        where,
    )


def _bad(function: Function, problem: str, id: str) -> BadHandler:
    return BadHandler(f"{function.name} {problem}", id, function.where)


def _code_of_context_decorators() -> CodeType:
    @contextmanager
    def block() -> Iterator[None]:
        yield

    @block()
    def decorated() -> None:
        pass

    return decorated.__code__


WITH_BLOCKS = (_code_of_context_decorators(),)
