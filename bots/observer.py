"""An observer: the handlers of one kind of event in one router, and the middlewares around them."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Protocol, TypeVar

from bots.calling import Context, Function
from bots.filters.base import Filter, as_filter
from bots.flags import flags_of
from bots.types import Event

Registered = TypeVar("Registered", bound=Callable[..., Any])
Next = Callable[[Any, Context], Awaitable[Any]]


class SkipHandler(Exception):
    """Raised by a handler to leave the event to the next one that takes it."""


class CancelHandler(Exception):
    """Raised by a middleware or handler to end here: nobody else is asked."""


class BadHandler(TypeError):
    """A handler asks for an argument that does not exist."""


class _Unhandled:
    def __repr__(self) -> str:
        return "UNHANDLED"


UNHANDLED = _Unhandled()


class Middleware(Protocol):
    async def __call__(self, handler: Next, event: Any, context: Context) -> Any:
        """Do something before and after `await handler(event, context)`, or instead of it."""


class Middlewares:
    """A list to register on: `observer.middleware(m)`, or as a decorator."""

    def __init__(self) -> None:
        self.all: list[Middleware] = []

    def __call__(self, middleware: Any = None) -> Any:
        if middleware is None:
            return self.register
        return self.register(middleware)

    def register(self, middleware: Any) -> Any:
        if not Function(middleware).is_async:
            raise BadHandler(f"The middleware {middleware!r} must be an async function.")
        self.all.append(middleware)
        return middleware

    @property
    def gives(self) -> frozenset[str]:
        return frozenset().union(*(getattr(it, "gives", ()) for it in self.all))


def wrapped(middlewares: Iterable[Middleware], last: Next) -> Next:
    """Return `last` within the middlewares, the first of which is outermost."""

    def around(inner: Next, middleware: Middleware) -> Next:
        return lambda event, context: middleware(inner, event, context)

    return reduce(around, reversed(list(middlewares)), last)


async def through(filters: Iterable[Filter], event: Event, context: Context) -> Context | None:
    """Return the context with what the filters give, None when one of them turns the event away."""
    for one in filters:
        verdict = await one.passes(event, context)
        if verdict is False:
            return None
        if isinstance(verdict, dict):
            context = context.fork(**verdict)
    return context


@dataclass(eq=False)
class Handler:
    """A registered function: when it is called, and what goes on after it.

    `lazy` functions run after the person was answered; `here` sends the answers to the chat of the
    event (None: as the bot does).
    """

    function: Function
    event_type: type[Event]
    filters: tuple[Filter, ...] = ()
    flags: dict[str, Any] = field(default_factory=dict)
    lazy: tuple[Function, ...] = ()
    here: bool | None = None

    @property
    def name(self) -> str:
        return self.function.name

    async def __call__(self, event: Event, context: Context) -> Any:
        event.outbox.begin(self.name, self.here, bool(self.lazy))
        return await self._call(self.function, event, context)

    async def go_on(self, event: Event, context: Context) -> list[Any]:
        """Run the lazy functions; return what they return."""
        event.outbox.begin(self.name, self.here)
        return [await self._call(function, event, context) for function in self.lazy]

    async def _call(self, function: Function, event: Event, context: Context) -> Any:
        typed = dict.fromkeys(function.of_type(self.event_type), event)
        return await function(**{**typed, **await function.arguments(context)})


class Observer:
    """`@router.message(...)` and its like: handlers in the order in which they were registered."""

    def __init__(self, name: str, event_type: type[Event]) -> None:
        self.name, self.event_type = name, event_type
        self.handlers: list[Handler] = []
        self.filters: list[Filter] = []
        self.middleware, self.outer_middleware = Middlewares(), Middlewares()

    def __call__(
        self,
        *filters: Any,
        flags: dict[str, Any] | None = None,
        lazy: Iterable[Callable[..., Any]] = (),
        answer_here: bool | None = None,
    ) -> Callable[[Registered], Registered]:
        """Register a handler of the events that pass all the filters."""

        def register(function: Registered) -> Registered:
            self.handlers.append(
                Handler(
                    Function(function),
                    self.event_type,
                    tuple(map(as_filter, filters)),
                    {**flags_of(function), **(flags or {})},
                    tuple(map(Function, lazy)),
                    answer_here,
                )
            )
            return function

        return register

    def register(self, function: Registered, *filters: Any, **options: Any) -> Registered:
        """Register a handler without a decorator."""
        return self(*filters, **options)(function)

    def filter(self, *filters: Any) -> None:
        """Let only events that pass these filters come to the handlers of this observer."""
        self.filters += map(as_filter, filters)

    async def trigger(
        self, event: Event, context: Context, middlewares: Iterable[Middleware]
    ) -> Any:
        """Run the first handler that takes the event; UNHANDLED when none does."""
        if "going_on" in context:
            return await self._go_on(event, context, middlewares)
        gate = await through(self.filters, event, context)
        if gate is None:
            return UNHANDLED
        for handler in self.handlers:
            found = await through(handler.filters, event, gate)
            if found is None:
                continue
            try:
                return await wrapped(middlewares, handler)(event, found.fork(handler=handler))
            except SkipHandler:
                continue
        return UNHANDLED

    async def _go_on(
        self, event: Event, context: Context, middlewares: Iterable[Middleware]
    ) -> Any:
        """Run the lazy parts of the handler of this name, with what its filters still give."""
        for handler in self.handlers:
            if handler.name == context["going_on"]:
                for one in (*self.filters, *handler.filters):
                    verdict = await one.passes(event, context)
                    context = context.fork(**(verdict if isinstance(verdict, dict) else {}))
                run = wrapped(middlewares, handler.go_on)
                return await run(event, context.fork(handler=handler))
        return UNHANDLED
