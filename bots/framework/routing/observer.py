"""Observers: the handlers of one type of event in a router, and their middlewares."""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from operator import attrgetter
from typing import Any, Never, Protocol, TypeVar

from bots.framework.events.types import Event
from bots.framework.filters.base import Filter, as_filter
from bots.framework.routing.errors import UNKNOWN_OPTION, BadHandler, calling_line, did_you_mean
from bots.framework.routing.flags import flags_of
from bots.framework.routing.injection import Context, Function

Registered = TypeVar("Registered", bound=Callable[..., Any])
OPTIONS = ("flags", "lazy", "answer_here", "fallback")
Next = Callable[[Any, Context], Awaitable[Any]]


class SkipHandler(Exception):
    """Raised by a handler to pass the event to the next matching handler."""


class CancelHandler(Exception):
    """Raised by a middleware or handler to stop: no further handler is called."""


class _Unhandled:
    def __repr__(self) -> str:
        return "UNHANDLED"


UNHANDLED = _Unhandled()


class Middleware(Protocol):
    """An async function around handlers."""

    async def __call__(self, handler: Next, event: Any, context: Context) -> Any:
        """Run code before and after `await handler(event, context)`, or instead of it."""


class Middlewares:
    """A list of middlewares: register with `observer.middleware(m)` or as a decorator."""

    def __init__(self) -> None:
        self.all: list[Middleware] = []

    def __call__(self, middleware: Any = None) -> Any:
        """Register a middleware, or return the decorator that does."""
        if middleware is None:
            return self.register
        return self.register(middleware)

    def register(self, middleware: Any) -> Any:
        """Add a middleware and return it. Raises BadHandler if it does not fit."""
        try:
            inspect.signature(middleware).bind("handler", "event", "context")
            is_fit = Function(middleware).is_async
        except TypeError:
            is_fit = False
        if not is_fit:
            raise BadHandler(
                f"The middleware {middleware!r} must be async and take (handler, event, context)."
            )
        self.all.append(middleware)
        return middleware

    @property
    def gives(self) -> frozenset[str]:
        """The names that the middlewares add to the context."""
        return frozenset().union(*(getattr(it, "gives", ()) for it in self.all))


def wrap(middlewares: Iterable[Middleware], last: Next) -> Next:
    """Return `last` wrapped in the middlewares. The first one is outermost."""

    def around(inner: Next, middleware: Middleware) -> Next:
        return lambda event, context: middleware(inner, event, context)

    return reduce(around, reversed(list(middlewares)), last)


async def apply_filters(
    filters: Iterable[Filter], event: Event, context: Context
) -> Context | None:
    """Return the context with the values of the filters, None if the event does not pass."""
    for one in filters:
        verdict = await one.passes(event, context)
        if verdict is False:
            return None
        if isinstance(verdict, dict):
            context = context.fork(**verdict)
    return context


@dataclass(eq=False)
class Handler:
    """A registered function.

    `lazy` functions run after the reply. `here` sends replies to the chat of the event (None: the
    default of the bot). A `fallback` is called only if no other handler of any router matches.
    """

    function: Function
    event_type: type[Event]
    filters: tuple[Filter, ...] = ()
    flags: dict[str, Any] = field(default_factory=dict)
    lazy: tuple[Function, ...] = ()
    here: bool | None = None
    fallback: bool = False
    where: str = ""

    @property
    def name(self) -> str:
        """The qualified name of the function, with its module."""
        return self.function.name

    async def __call__(self, event: Event, context: Context) -> Any:
        """Call the function with the values that it requests."""
        event.outbox.begin(self.name, self.here, bool(self.lazy), api=context.get("api"))
        return await self._call(self.function, event, context)

    async def run_lazy_parts(self, event: Event, context: Context) -> list[Any]:
        """Run the lazy functions and return their results."""
        event.outbox.begin(self.name, self.here, api=context.get("api"))
        return [await self._call(function, event, context) for function in self.lazy]

    async def _call(self, function: Function, event: Event, context: Context) -> Any:
        typed = dict.fromkeys(function.of_type(self.event_type), event)
        return await function(**{**typed, **await function.arguments(context)})


@contextmanager
def _discarding_transformers(context: Context) -> Iterator[None]:
    """Remove transformers installed on the context's api if the block raises an exception."""
    api = context.get("api")
    installed = api.transformers if api else ()
    try:
        yield
    except Exception:
        if api:
            api.reset(installed)
        raise


@dataclass(eq=False)
class Registration:
    """A call such as `router.message(...)` that has not decorated a function yet."""

    filters: tuple[Any, ...]
    where: str


class Observer:
    """The handlers of one type of event in a router, in order: `@router.message(...)`."""

    # Incremented with each handler of any observer, to invalidate caches.
    version = 0

    def __init__(self, name: str, event_type: type[Event]) -> None:
        self.name, self.event_type = name, event_type
        self.unused: list[Registration] = []
        self.handlers: list[Handler] = []
        self.filters: list[Filter] = []
        self.middleware, self.outer_middleware = Middlewares(), Middlewares()

    def __call__(
        self,
        *filters: Any,
        flags: dict[str, Any] | None = None,
        lazy: Iterable[Callable[..., Any]] = (),
        answer_here: bool | None = None,
        fallback: bool = False,
        **unknown: Never,
    ) -> Callable[[Registered], Registered]:
        """Return a decorator that registers a handler of events that pass all filters.

        `lazy` functions run after the reply has been stored. `answer_here` sends replies to the
        chat of the event. A `fallback` is called only if no other handler of any router, including
        the built-in ones, matches. Raises BadHandler for invalid filters and unknown options.
        """
        for name in unknown:
            hint = did_you_mean(name, OPTIONS)
            raise BadHandler(f"router.{self.name}() has no option {name}.{hint}", UNKNOWN_OPTION)
        converted = tuple(map(as_filter, filters))
        call = Registration(filters, calling_line())
        self.unused.append(call)

        def register(function: Registered) -> Registered:
            if call in self.unused:
                self.unused.remove(call)
            Observer.version += 1
            self.handlers.append(
                Handler(
                    Function(function),
                    self.event_type,
                    converted,
                    {**flags_of(function), **(flags or {})},
                    tuple(map(Function, lazy)),
                    answer_here,
                    fallback,
                    call.where,
                )
            )
            return function

        return register

    def register(self, function: Registered, *filters: Any, **options: Any) -> Registered:
        """Register a handler without a decorator."""
        return self(*filters, **options)(function)

    def filter(self, *filters: Any) -> None:
        """Add filters that events must pass before all handlers of this observer."""
        self.filters += map(as_filter, filters)

    async def trigger(
        self, event: Event, context: Context, middlewares: Iterable[Middleware]
    ) -> Any:
        """Run the first matching handler and return its result, or UNHANDLED.

        `context["is_fallback_round"]` selects the fallbacks or the other handlers.
        """
        gate = await apply_filters(self.filters, event, context)
        if gate is None:
            return UNHANDLED
        for handler in self.candidates(context):
            found = await apply_filters(handler.filters, event, gate)
            if found is None:
                continue
            mark = event.outbox.mark()
            try:
                with _discarding_transformers(found):
                    return await wrap(middlewares, handler)(event, found.fork(handler=handler))
            except SkipHandler:
                event.outbox.restore(mark)
        return UNHANDLED

    def candidates(self, context: Context) -> list[Handler]:
        """Return the handlers of this round, or all handlers if there are no rounds."""
        if "is_fallback_round" not in context:
            return sorted(self.handlers, key=attrgetter("fallback"))
        return [it for it in self.handlers if it.fallback == context["is_fallback_round"]]

    async def run_lazy_parts(
        self, handler: Handler, event: Event, context: Context, middlewares: Iterable[Middleware]
    ) -> Any:
        """Run the lazy parts of a handler, with the values of its filters."""
        for one in (*self.filters, *handler.filters):
            verdict = await one.passes(event, context)
            context = context.fork(**(verdict if isinstance(verdict, dict) else {}))
        run = wrap(middlewares, handler.run_lazy_parts)
        return await run(event, context.fork(handler=handler))
