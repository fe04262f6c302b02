"""The types of actions of commands; apps register further ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bots.framework.routing.errors import UNKNOWN_ARGUMENT, BadHandler
from bots.framework.routing.injection import Function
from bots.framework.routing.signatures import names_for_all_handlers
from bots.models import Command
from bots.models.command import HANDLER

Registered = TypeVar("Registered", bound=Callable[..., Any])


@dataclass(frozen=True)
class ActionKind:
    """A type of action. `run` is called like a handler; None passes the message to the handlers.

    `parameter` is the label of the row's text, or "" if it is not used. `check` raises
    ValidationError for an invalid row.
    """

    key: str
    title: Any
    parameter: Any = ""
    run: Function | None = None
    check: Callable[[Command], None] | None = None

    def clean(self, row: Command) -> None:
        if self.parameter and not row.text.strip():
            raise ValidationError({"text": _("This action requires a text.")})
        if self.check is not None:
            self.check(row)


# Additional values that the function of an action can request.
NAMES = frozenset({"message", "command", "row", "parameter"})

_kinds: dict[str, ActionKind] = {}


def command_action(
    key: str,
    title: Any,
    parameter: Any = "",
    check: Callable[[Command], None] | None = None,
) -> Callable[[Registered], Registered]:
    """Return a decorator that registers a function as a type of action of commands.

    `title` is shown in the admin, `parameter` is the label of the row's text. Raises ValueError if
    the key is taken, BadHandler if the function requests unknown values.
    """

    def register(function: Registered) -> Registered:
        if key in _kinds:
            raise ValueError(f"There is an action {key!r} already.")
        run = Function(function)
        if unknown := run.required - NAMES - names_for_all_handlers():
            problem = f"{run.name} requests unknown values: {', '.join(sorted(unknown))}."
            raise BadHandler(problem, UNKNOWN_ARGUMENT, run.where)
        _kinds[key] = ActionKind(key, title, parameter, run, check)
        return function

    return register


def kinds() -> dict[str, ActionKind]:
    """Return all registered types by key."""
    return dict(_kinds)


_kinds[HANDLER] = ActionKind(HANDLER, _("Run a handler from the code"))
