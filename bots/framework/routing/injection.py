"""Dependency injection by parameter names, for handlers, filters and middlewares."""

import inspect
import typing
from collections.abc import Awaitable, Callable
from functools import cached_property, partial
from inspect import isfunction
from typing import Any, TypeVar

from asgiref.sync import sync_to_async

Provider = Callable[["Context"], Awaitable[Any]]
Registered = TypeVar("Registered", bound=Provider)
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
BY_KEYWORD = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class Context(dict[str, Any]):
    """The values that handlers can request, by name. Some are created on first use."""

    def __init__(self, *args: Any, providers: dict[str, Provider] | None = None, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.providers: dict[str, Provider] = providers or {}
        self._made: dict[str, Any] = {}

    def fork(self, **more: Any) -> "Context":
        """Return a copy with more values. Values created on demand are shared."""
        forked = Context(self, providers=self.providers, **more)
        forked._made = self._made
        return forked

    async def need(self, name: str) -> Any:
        """Return a value, creating it if needed. Raises KeyError."""
        if name in self:
            return self[name]
        if name not in self._made:
            self._made[name] = await self.providers[name](self)
        return self._made[name]

    def provides(self, name: str) -> bool:
        """Return whether `need` can return a value of this name."""
        return name in self or name in self.providers


_providers: dict[str, Provider] = {}
_only_for_filters: set[str] = set()


def context_value(name: str, *, for_handlers: bool = True) -> Callable[[Registered], Registered]:
    """Register an async function that creates the value of this name for a context.

    It is called at most once per update, when the value is first needed. Values without
    `for_handlers` are only available to filters and middlewares. Raises ValueError if the name is
    already registered.
    """

    def register(provider: Registered) -> Registered:
        if name in _providers:
            raise ValueError(f"There is a context value {name!r} already.")
        _providers[name] = provider
        if not for_handlers:
            _only_for_filters.add(name)
        return provider

    return register


def providers() -> dict[str, Provider]:
    """Return the functions that create the registered values, by name."""
    return dict(_providers)


def names_for_handlers() -> frozenset[str]:
    """Return the names of registered values that handlers may use."""
    return frozenset(_providers.keys() - _only_for_filters)


def names_for_filters() -> frozenset[str]:
    """Return the names of registered values that only filters and middlewares may use."""
    return frozenset(_only_for_filters)


class Function:
    """A function and the names of its parameters.

    A decorated function receives what the innermost function requests, if the decorators have
    copied its signature (`functools.wraps`). If the first parameter of a decorator has another
    name, it receives the first argument of the innermost function, usually the event, by position.
    """

    def __init__(self, call: Callable[..., Any], *, takes_event: bool = False) -> None:
        self.call = call
        # The outermost function decides where it runs, the innermost whether it can await.
        self.is_async = _is_async(call)
        self.awaits = _is_async(_unwrap(call))
        # What the outermost decorator receives by position, and what it does not pass on.
        self.stands_in, self.by_position = "", False
        self.not_passed_on: frozenset[str] = frozenset()
        self._read(takes_event)

    def _read(self, takes_event: bool) -> None:
        parameters = list(_signature(self.call).parameters.values())
        outer = list(_signature(self.call, follow_wrapped=False).parameters.values())
        self.takes_all = any(it.kind is it.VAR_KEYWORD for it in parameters)
        self.first = next((it.name for it in parameters if it.kind in POSITIONAL), "")
        named = [it for it in parameters if it.kind in BY_KEYWORD]
        rest = named[1:] if takes_event else named
        own = [] if outer == parameters else self._read_decorator(outer, rest, takes_event)
        self.wanted = tuple(it.name for it in (*rest, *own))
        self.required = frozenset(it.name for it in (*rest, *own) if it.default is it.empty)
        self.positional = tuple(it.name for it in parameters if it.kind is it.POSITIONAL_ONLY)

    def _read_decorator(
        self,
        outer: list[inspect.Parameter],
        inner: list[inspect.Parameter],
        takes_event: bool,
    ) -> list[inspect.Parameter]:
        """Return the additional parameters of the outermost decorator."""
        kinds = {it.kind for it in outer}
        names = {it.name for it in inner}
        own = [it for it in outer if it.kind in BY_KEYWORD]
        first = next((it for it in outer if it.kind in POSITIONAL), None)
        if first and takes_event:
            own = [it for it in own if it is not first]
        elif first and self.first and (first.name not in names or first not in own):
            self.stands_in = first.name if first.name in names else self.first
            own = [it for it in own if it is not first]
        elif first is None and self.first and not takes_event and _pass_by_position(self.call):
            self.stands_in = self.first
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            self.by_position = inspect.Parameter.VAR_POSITIONAL in kinds
            taken = {it.name for it in own} | {self.stands_in}
            required = {it.name for it in inner if it.default is it.empty}
            self.not_passed_on = frozenset() if self.by_position else frozenset(required - taken)
        return [it for it in own if it.name not in names]

    @property
    def name(self) -> str:
        """The qualified name of the innermost function, with its module."""
        whole = _unwrap(self.call)
        named = whole if hasattr(whole, "__qualname__") else type(whole)
        return f"{named.__module__}.{named.__qualname__}"

    @property
    def where(self) -> str:
        """The file and line of the function, for messages."""
        code = getattr(_unwrap(self.call), "__code__", None)
        return f"{code.co_filename}:{code.co_firstlineno}" if code else self.name

    @property
    def has_code(self) -> bool:
        """Whether it is written in Python, so that it has a file and line."""
        return hasattr(_unwrap(self.call), "__code__")

    @property
    def hides_another(self) -> bool:
        """Return whether it looks like a wrapper without `functools.wraps`."""
        if not self.takes_all or not isfunction(self.call) or hasattr(self.call, "__wrapped__"):
            return False
        try:
            held = inspect.getclosurevars(self.call).nonlocals.values()
        except ValueError:  # one of the variables has no value yet
            return False
        return any(isfunction(it) and it is not self.call for it in held)

    @property
    def takes_only_what_comes(self) -> bool:
        """Return whether it has no named parameters but accepts positional arguments."""
        kinds = {it.kind for it in _signature(self.call).parameters.values()}
        return inspect.Parameter.VAR_POSITIONAL in kinds and kinds.isdisjoint(
            (*POSITIONAL, inspect.Parameter.KEYWORD_ONLY)
        )

    @property
    def inner(self) -> Any:
        """The function within its decorators."""
        return _unwrap(self.call)

    def of_type(self, given: type) -> list[str]:
        """Return the parameters annotated with the type or a base class of it."""
        return [name for name, hint in self._hints.items() if issubclass(given, hint)]

    @property
    def event_types(self) -> tuple[type, ...]:
        """The types in the annotation of the first parameter, if it is clear."""
        hint = self._all_hints.get(self.first)
        parts = typing.get_args(hint) or (hint,)
        return tuple(it for it in parts if _is_plain_type(it))

    @cached_property
    def _hints(self) -> dict[str, type]:
        hints = self._all_hints
        named = {name: hints[name] for name in self.wanted if name in hints}
        return {k: it for k, it in named.items() if _is_plain_type(it)}

    @cached_property
    def _all_hints(self) -> dict[str, Any]:
        inner = _unwrap(self.call)
        try:
            return typing.get_type_hints(inner if hasattr(inner, "__code__") else inner.__call__)
        except Exception:  # an annotation may be any expression
            return {}

    async def arguments(self, context: Context) -> dict[str, Any]:
        """Return the values that the function requests, by name."""
        names = [*self.wanted, *(set(context) - set(self.wanted) if self.takes_all else ())]
        given = {name: await context.need(name) for name in names if context.provides(name)}
        return given if self.awaits else {k: _for_thread(value) for k, value in given.items()}

    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function; a sync one in a thread that may use the database."""
        if self.by_position:
            args += tuple(kwargs.pop(name) for name in self.wanted if name in kwargs)
        elif self.stands_in in kwargs:
            args = (kwargs.pop(self.stands_in), *args)
        result = partial(self.call, *args, **kwargs)
        value = result() if self.is_async else await sync_to_async(result)()
        return await value if inspect.isawaitable(value) else value


def _for_thread(value: Any) -> Any:
    """Return the value for a sync function."""
    in_thread = getattr(value, "in_thread", None)
    return in_thread() if callable(in_thread) else value


def _is_plain_type(hint: Any) -> bool:
    """Return whether `issubclass` works with it, which is not so for all protocols."""
    return (
        isinstance(hint, type)
        and hint not in (object, Any)
        and not getattr(hint, "_is_protocol", False)
    )


def _is_async(call: Any) -> bool:
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(
        getattr(call, "__call__", None)  # noqa: B004  an object's method is asked, not whether it has one
    )


def _signature(call: Callable[..., Any], *, follow_wrapped: bool = True) -> inspect.Signature:
    try:
        return inspect.signature(call, follow_wrapped=follow_wrapped)
    except (ValueError, TypeError):  # some builtins have no signature
        return inspect.Signature()


def _pass_by_position(call: Any) -> bool:
    """Return whether the function and all that it wraps accept a positional argument."""
    while call is not None:
        parameters = _signature(call, follow_wrapped=False).parameters.values()
        if not any(it.kind in (*POSITIONAL, it.VAR_POSITIONAL) for it in parameters):
            return False
        call = getattr(call, "__wrapped__", None)
    return True


def _unwrap(call: Any) -> Any:
    call = inspect.unwrap(call)
    while isinstance(call, partial):
        call = inspect.unwrap(call.func)
    return getattr(call, "__func__", call)
