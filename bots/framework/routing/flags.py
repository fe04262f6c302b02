"""Flags: values on handlers that middlewares read, such as a rate limit."""

from collections.abc import Callable
from typing import Any, TypeVar

from bots.framework.routing.injection import Context

Function = TypeVar("Function", bound=Callable[..., Any])
ATTRIBUTE = "handler_flags"


class Flag:
    """`@flags.name` sets the flag to True, `@flags.name(value)` to a value."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, value: Any) -> Any:
        """Set the flag to True on a function, or return a decorator that sets it to `value`."""
        if callable(value):
            return self._set(value, True)
        return lambda function: self._set(function, value)

    def _set(self, function: Function, value: Any) -> Function:
        setattr(function, ATTRIBUTE, {**flags_of(function), self.name: value})
        return function


class Flags:
    """`flags.name` is the decorator that sets the flag of this name."""

    def __getattr__(self, name: str) -> Flag:
        if name.startswith("_"):
            raise AttributeError(name)
        return Flag(name)


flags = Flags()


def flags_of(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the flags that decorators have set on a function."""
    found: dict[str, Any] = getattr(function, ATTRIBUTE, {})
    return found


def get_flag(context: Context, name: str, default: Any = None) -> Any:
    """Return a flag of the current handler, for use in inner middlewares."""
    return context["handler"].flags.get(name, default)
