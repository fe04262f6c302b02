"""What a filter is, and how filters are combined."""

from collections.abc import Callable
from functools import cached_property
from inspect import isawaitable
from typing import Any, TypeVar

from bots.calling import Context, Function

Verdict = bool | dict[str, Any]
Named = TypeVar("Named", bound=Callable[..., Any])


class Filter:
    """A filter that can be combined: `a & b`, `a | b`, `~a`.

    A subclass defines `__call__`, plain or asynchronous, which takes the event and whatever else it
    names. `gives` names what it adds for the handler, so that signatures can be checked.
    """

    gives: frozenset[str] = frozenset()

    def __init_subclass__(cls) -> None:
        if "__call__" not in dir(cls) and cls.passes is Filter.passes:
            raise TypeError(f"{cls.__name__} needs a method __call__ that takes the event.")

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Return whether the event passes; a dictionary passes and adds to the context."""
        return await _asked(self._function, event, context)

    @cached_property
    def _function(self) -> Function:
        return Function(self, takes_event=True)  # type: ignore[arg-type]  # see __init_subclass__

    def parts(self) -> "list[Filter]":
        """Return the filters that this one is made of, so that commands can be found in it."""
        return [self]

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
    """Passes what both pass, and gives what both give; the second one sees what the first gave."""

    def __init__(self, first: Filter, second: Filter) -> None:
        self.first, self.second = first, second
        self.gives = first.gives | second.gives

    async def passes(self, event: Any, context: Context) -> Verdict:
        first = await self.first.passes(event, context)
        if first is False:
            return False
        second = await self.second.passes(event, context.fork(**_given(first)))
        return False if second is False else {**_given(first), **_given(second)}

    def parts(self) -> list[Filter]:
        return [*self.first.parts(), *self.second.parts()]


class Either(Filter):
    """Passes what one of them passes, with what the first one to pass gives."""

    def __init__(self, first: Filter, second: Filter) -> None:
        self.first, self.second = first, second
        self.gives = first.gives | second.gives

    async def passes(self, event: Any, context: Context) -> Verdict:
        verdict = await self.first.passes(event, context)
        return verdict if verdict is not False else await self.second.passes(event, context)

    def parts(self) -> list[Filter]:
        return [*self.first.parts(), *self.second.parts()]


class Not(Filter):
    """Passes what the other does not; gives nothing."""

    def __init__(self, other: Filter) -> None:
        self.other = other

    async def passes(self, event: Any, context: Context) -> Verdict:
        return await self.other.passes(event, context) is False


class FunctionFilter(Filter):
    """Any function, plain or asynchronous: the event first, then whatever it names."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = Function(function, takes_event=True)
        self.gives = getattr(function, "gives", frozenset())

    async def passes(self, event: Any, context: Context) -> Verdict:
        return await _asked(self.function, event, context)


def as_filter(given: Any) -> Filter:
    """Return the filter that is meant: by itself, by a class or object that knows one, a function.

    Raises TypeError for anything else.
    """
    if isinstance(given, Filter):
        return given
    if isinstance(given, type) and issubclass(given, Filter):
        return given()
    if own := getattr(given, "as_filter", None):
        made: Filter = own()
        return made
    if not callable(given):
        raise TypeError(f"{given!r} is no filter: it cannot be called.")
    return FunctionFilter(given)


def gives(*names: str) -> Callable[[Named], Named]:
    """Declare the names that a filter or middleware adds for handlers."""

    def declare(function: Named) -> Named:
        function.gives = frozenset(names)  # type: ignore[attr-defined]  # an attribute of our own
        return function

    return declare


async def _asked(function: Function, event: Any, context: Context) -> Verdict:
    """Return the verdict of a function: an empty dictionary passes, as any dictionary does."""
    arguments = await function.arguments(context.fork(context=context))
    verdict = function.call(event, **arguments)
    verdict = await verdict if isawaitable(verdict) else verdict
    return verdict if isinstance(verdict, dict) else bool(verdict)


def _given(verdict: Verdict) -> dict[str, Any]:
    return verdict if isinstance(verdict, dict) else {}
