"""Calling functions that name what they want: handlers, filters, middlewares."""

import inspect
import typing
from collections.abc import Awaitable, Callable
from functools import cached_property, partial
from typing import Any

from asgiref.sync import sync_to_async

Provider = Callable[["Context"], Awaitable[Any]]
BY_KEYWORD = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class Context(dict[str, Any]):
    """What may be named, by name. Some of it costs a query, and is made when it is first named."""

    def __init__(self, *args: Any, providers: dict[str, Provider] | None = None, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.providers: dict[str, Provider] = providers or {}
        self._made: dict[str, Any] = {}

    def fork(self, **more: Any) -> "Context":
        """Return a context of its own with more names; what was made on demand is shared."""
        forked = Context(self, providers=self.providers, **more)
        forked._made = self._made
        return forked

    async def need(self, name: str) -> Any:
        """Return the value of the name, made now if need be; raises KeyError."""
        if name in self:
            return self[name]
        if name not in self._made:
            self._made[name] = await self.providers[name](self)
        return self._made[name]

    def knows(self, name: str) -> bool:
        return name in self or name in self.providers


class Function:
    """A function together with the names of what it wants, of which it is given what there is."""

    def __init__(self, call: Callable[..., Any], *, takes_event: bool = False) -> None:
        self.call = call
        self.is_async = inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(
            getattr(call, "__call__", None)  # noqa: B004  an object's method is asked, not whether it has one
        )
        self._read(takes_event)

    def _read(self, takes_event: bool) -> None:
        parameters = list(_signature(self.call).parameters.values())
        self.takes_all = any(it.kind is it.VAR_KEYWORD for it in parameters)
        named = [it for it in parameters if it.kind in BY_KEYWORD]
        rest = named[1:] if takes_event else named
        self.wanted = tuple(it.name for it in rest)
        self.required = frozenset(it.name for it in rest if it.default is it.empty)
        self.positional = tuple(it.name for it in parameters if it.kind is it.POSITIONAL_ONLY)

    @property
    def name(self) -> str:
        whole = _unwrapped(self.call)
        named = whole if hasattr(whole, "__qualname__") else type(whole)
        return f"{named.__module__}.{named.__qualname__}"

    @property
    def where(self) -> str:
        """The file and line of the function, for messages."""
        code = getattr(_unwrapped(self.call), "__code__", None)
        return f"{code.co_filename}:{code.co_firstlineno}" if code else self.name

    def of_type(self, given: type) -> list[str]:
        """Return the parameters that are annotated with the type or one that it derives from."""
        return [name for name, hint in self._hints.items() if issubclass(given, hint)]

    @cached_property
    def _hints(self) -> dict[str, type]:
        try:
            hints = typing.get_type_hints(_unwrapped(self.call))
        except Exception:  # an annotation may be any expression; then names decide alone
            return {}
        named = {name: hints[name] for name in self.wanted if name in hints}
        return {k: it for k, it in named.items() if isinstance(it, type) and it is not object}

    async def arguments(self, context: Context) -> dict[str, Any]:
        names = [*self.wanted, *(set(context) - set(self.wanted) if self.takes_all else ())]
        given = {name: await context.need(name) for name in names if context.knows(name)}
        return given if self.is_async else {k: _plain(value) for k, value in given.items()}

    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it: an asynchronous one here, a plain one in the thread of the database."""
        result = partial(self.call, *args, **kwargs)
        value = result() if self.is_async else await sync_to_async(result)()
        return await value if inspect.isawaitable(value) else value


def _plain(value: Any) -> Any:
    """Return what stands for the value in a plain function, which can await nothing."""
    in_thread = getattr(value, "in_thread", None)
    return in_thread() if callable(in_thread) else value


def _signature(call: Callable[..., Any]) -> inspect.Signature:
    try:
        return inspect.signature(call)
    except (ValueError, TypeError):  # of some builtins nothing is known
        return inspect.Signature()


def _unwrapped(call: Any) -> Any:
    call = inspect.unwrap(call)
    while isinstance(call, partial):
        call = inspect.unwrap(call.func)
    return getattr(call, "__func__", call)
