"""The base class of filters, and combinations of filters."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, TypeVar

from bots.framework.routing.errors import NO_FILTER, BadHandler
from bots.framework.routing.injection import Context, Function

Verdict = bool | dict[str, Any]
Named = TypeVar("Named", bound=Callable[..., Any])


class Filter:
    """A filter that can be combined: `a & b`, `a | b`, `~a`.

    A subclass defines `__call__`, sync or async, with the event and context values as parameters. A
    sync one runs in a thread and may use the ORM. `gives` lists the values that it adds to the
    context, so that signatures of handlers can be checked. `events` are the types of events that it
    supports, by default the annotation of the first parameter.
    """

    gives: frozenset[str] = frozenset()
    events: tuple[type, ...] = ()

    def __init_subclass__(cls) -> None:
        if "__call__" not in dir(cls) and cls.passes is Filter.passes:
            raise TypeError(f"{cls.__name__} needs a method __call__ that takes the event.")

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Return whether the event passes, or a dictionary of values for the context."""
        return await _call(self._function, event, context)

    @cached_property
    def _function(self) -> Function:
        return Function(self, takes_event=True)  # type: ignore[arg-type]  # see __init_subclass__

    def parts(self) -> "list[Filter]":
        """Return the filters that this one is combined of, without negated ones."""
        return [self]

    def all_parts(self) -> "list[Filter]":
        """Return the filters that this one is combined of, including negated ones."""
        return self.parts()

    @property
    def asks(self) -> Function | None:
        """The function that is called, or None for built-in filters."""
        return self._function if callable(self) else None

    def misfits(self, event_type: type) -> "Iterator[str]":
        """Yield the reasons why the filter can never pass events of this type."""
        kinds = self.events or (self.asks.event_types if self.asks else ())
        if kinds and not any(
            issubclass(event_type, it) or issubclass(it, event_type) for it in kinds
        ):
            names = " or ".join(it.__name__ for it in kinds)
            yield f"{self.label} is a filter of {names}, not of {event_type.__name__}."

    @property
    def label(self) -> str:
        """The name of the filter in error messages."""
        return type(self).__name__

    def __and__(self, other: Any) -> "Filter":
        return Both(self, as_filter(other))

    def __rand__(self, other: Any) -> "Filter":
        return Both(as_filter(other), self)

    def __or__(self, other: Any) -> "Filter":
        return Either(self, as_filter(other))

    def __ror__(self, other: Any) -> "Filter":
        return Either(as_filter(other), self)

    def __invert__(self) -> "Filter":
        return Not(self)


class Both(Filter):
    """Passes events that pass both. The second filter can use the values of the first."""

    def __init__(self, first: Filter, second: Filter) -> None:
        self.first, self.second = first, second
        self.gives = first.gives | second.gives

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Implement `Filter.passes`."""
        first = await self.first.passes(event, context)
        if first is False:
            return False
        second = await self.second.passes(event, context.fork(**_as_values(first)))
        return False if second is False else {**_as_values(first), **_as_values(second)}

    def misfits(self, event_type: type) -> Iterator[str]:
        """Implement `Filter.misfits`."""
        yield from self.first.misfits(event_type)
        yield from self.second.misfits(event_type)

    def parts(self) -> list[Filter]:
        """Implement `Filter.parts`."""
        return [*self.first.parts(), *self.second.parts()]

    def all_parts(self) -> list[Filter]:
        """Implement `Filter.all_parts`."""
        return [*self.first.all_parts(), *self.second.all_parts()]


class Either(Filter):
    """Passes events that pass one of the two, with its values."""

    def __init__(self, first: Filter, second: Filter) -> None:
        self.first, self.second = first, second
        self.gives = first.gives | second.gives

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Implement `Filter.passes`."""
        verdict = await self.first.passes(event, context)
        return verdict if verdict is not False else await self.second.passes(event, context)

    def misfits(self, event_type: type) -> Iterator[str]:
        """Implement `Filter.misfits`."""
        yield from self.first.misfits(event_type)
        yield from self.second.misfits(event_type)

    def parts(self) -> list[Filter]:
        """Implement `Filter.parts`."""
        return [*self.first.parts(), *self.second.parts()]

    def all_parts(self) -> list[Filter]:
        """Implement `Filter.all_parts`."""
        return [*self.first.all_parts(), *self.second.all_parts()]


class Not(Filter):
    """Passes events that do not pass the other filter."""

    def __init__(self, other: Filter) -> None:
        self.other = other

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Implement `Filter.passes`."""
        return await self.other.passes(event, context) is False

    def all_parts(self) -> list[Filter]:
        """Implement `Filter.all_parts`."""
        return self.other.all_parts()

    def misfits(self, event_type: type) -> Iterator[str]:
        """Implement `Filter.misfits`."""
        return self.other.misfits(event_type)


class FunctionFilter(Filter):
    """A function as a filter. A sync function runs in a thread."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = Function(function, takes_event=True)
        self.gives = getattr(function, "gives", frozenset())

    @property
    def asks(self) -> Function:
        """Implement `Filter.asks`."""
        return self.function

    @property
    def label(self) -> str:
        """Implement `Filter.label`."""
        return self.function.name

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Implement `Filter.passes`."""
        return await _call(self.function, event, context)


def as_filter(given: Any) -> Filter:
    """Convert a filter, an object with `as_filter`, or a function to a filter.

    Raises BadHandler for anything else.
    """
    if isinstance(given, Filter):
        return given
    if isinstance(given, type) and issubclass(given, Filter):
        return given()
    if own := getattr(given, "as_filter", None):
        made: Filter = own()
        return made
    if isinstance(given, str):
        meant = f"Command({given[1:]!r})" if given.startswith("/") else f"Text({given!r})"
        raise BadHandler(f"A string is not a filter: {given!r}. Write {meant}.", NO_FILTER)
    if not callable(given):
        raise BadHandler(f"{given!r} is not a filter: it is not callable.", NO_FILTER)
    return FunctionFilter(given)


def gives(*names: str) -> Callable[[Named], Named]:
    """Declare the names that a filter or middleware adds for handlers."""

    def declare(function: Named) -> Named:
        function.gives = frozenset(names)  # type: ignore[attr-defined]  # an attribute of our own
        return function

    return declare


async def _call(function: Function, event: Any, context: Context) -> Verdict:
    """Return the verdict of a function: an empty dictionary passes, as any dictionary does."""
    arguments = await function.arguments(context.fork(context=context))
    verdict = await function(event, **arguments)
    return verdict if isinstance(verdict, dict) else bool(verdict)


def _as_values(verdict: Verdict) -> dict[str, Any]:
    return verdict if isinstance(verdict, dict) else {}
