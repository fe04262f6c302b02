"""Flags: marks on handlers that middlewares read, such as how often one may be called."""

from collections.abc import Callable
from typing import Any, TypeVar

from bots.calling import Context

Function = TypeVar("Function", bound=Callable[..., Any])
ATTRIBUTE = "handler_flags"


class Flag:
    """`@flags.name` sets the flag to True, `@flags.name(value)` to a value."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, value: Any) -> Any:
        if callable(value):
            return self._set(value, True)
        return lambda function: self._set(function, value)

    def _set(self, function: Function, value: Any) -> Function:
        setattr(function, ATTRIBUTE, {**flags_of(function), self.name: value})
        return function


class Flags:
    def __getattr__(self, name: str) -> Flag:
        if name.startswith("_"):
            raise AttributeError(name)
        return Flag(name)


flags = Flags()


def flags_of(function: Callable[..., Any]) -> dict[str, Any]:
    found: dict[str, Any] = getattr(function, ATTRIBUTE, {})
    return found


def get_flag(context: Context, name: str, default: Any = None) -> Any:
    """Return the flag of the handler that an inner middleware is called for."""
    return context["handler"].flags.get(name, default)
