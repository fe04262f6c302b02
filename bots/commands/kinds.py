"""The kinds of actions that a command may have; each app brings its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bots.calling import Function
from bots.models import Command
from bots.models.command import HANDLER
from bots.observer import BadHandler
from bots.signatures import COMMON

Registered = TypeVar("Registered", bound=Callable[..., Any])


@dataclass(frozen=True)
class ActionKind:
    """What a command may do. `run` is called like a handler; None leaves it to the handlers.

    `parameter` tells what the row's text is for; "" when it is for nothing. `check` raises
    ValidationError for a row that could not work.
    """

    key: str
    title: Any
    parameter: Any = ""
    run: Function | None = None
    check: Callable[[Command], None] | None = None

    def clean(self, row: Command) -> None:
        if self.parameter and not row.text.strip():
            raise ValidationError({"text": _("This action needs a text.")})
        if self.check is not None:
            self.check(row)


# What the function of an action may name.
NAMES = COMMON | {"message", "command", "row", "parameter"}

_kinds: dict[str, ActionKind] = {}


def command_action(
    key: str,
    title: Any,
    parameter: Any = "",
    check: Callable[[Command], None] | None = None,
) -> Callable[[Registered], Registered]:
    """Register the function as what commands of this kind do.

    Raises ValueError for a taken key, BadHandler where it names what it cannot be given.
    """

    def register(function: Registered) -> Registered:
        if key in _kinds:
            raise ValueError(f"There is an action {key!r} already.")
        run = Function(function)
        if unknown := run.required - NAMES:
            raise BadHandler(f"{run.where}: {run.name} asks for {', '.join(sorted(unknown))}.")
        _kinds[key] = ActionKind(key, title, parameter, run, check)
        return function

    return register


def kinds() -> dict[str, ActionKind]:
    """Return all kinds by key, as far as the apps have been loaded."""
    return dict(_kinds)


_kinds[HANDLER] = ActionKind(HANDLER, _("Run a handler from code"))
