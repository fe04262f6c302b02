"""System checks of handlers: what would silently not work, with file, line and a stable id.

`manage.py check` lists all of them; any other start of the project is refused by the errors.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from bots.framework.events.types import Message
from bots.framework.filters import Command
from bots.framework.routing.errors import (
    COMMAND_NAME,
    DECORATES_NOTHING,
    OTHER_EVENT,
    BadHandler,
    did_you_mean,
)
from bots.framework.routing.observer import Handler, Observer
from bots.framework.routing.probes import takes_command, takes_everything
from bots.framework.routing.router import Dispatcher, Router, root
from bots.framework.routing.signatures import mistakes as mistakes_of_signatures
from bots.framework.routing.signatures import names_for, observers
from core.text.visibility import is_blank

DUPLICATE_COMMAND = "bots.W001"
HIDING_CATCH_ALL = "bots.W002"
NEVER_GIVEN = "bots.W003"
NOT_WRAPPED = "bots.W004"


def refuse_mistakes() -> None:
    """Raise ImproperlyConfigured with all errors if a handler is declared incorrectly."""
    if found := list(mistakes(root)):
        lines = "\n".join(map(str, found))
        raise ImproperlyConfigured(f"Handlers are declared incorrectly:\n{lines}")


@register("bots")
def check_handlers(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """The system check of all handlers."""
    errors = [Error(it.problem, obj=it.where, id=it.id) for it in mistakes(root)]
    return [*errors, *warnings(root)]


def mistakes(dispatcher: Dispatcher) -> Iterator[BadHandler]:
    """Yield all errors of declarations, in the order of handlers."""
    yield from dispatcher.mistakes
    yield from mistakes_of_signatures(dispatcher, dispatcher.declared)
    for _router, observer in observers(dispatcher):
        yield from _find_unused(observer)
        yield from _find_misfits(observer)
        yield from _command_names(observer)


def _find_unused(observer: Observer) -> Iterator[BadHandler]:
    for call in observer.unused:
        (only, *rest) = call.filters or (None,)
        if not rest and hasattr(only, "__code__"):
            name = f"@router.{observer.name}"
            problem = f"{name} needs parentheses: {name}(). Without, {only.__name__} is a filter."
            where = f"{only.__code__.co_filename}:{only.__code__.co_firstlineno}"
        else:
            problem, where = f"router.{observer.name}(...) does not decorate a handler.", call.where
        yield BadHandler(problem, DECORATES_NOTHING, where)


def _find_misfits(observer: Observer) -> Iterator[BadHandler]:
    shared = [(one, "") for one in observer.filters]
    own = [(one, it.function.where) for it in observer.handlers for one in it.filters]
    for one, where in (*shared, *own):
        for problem in one.misfits(observer.event_type):
            yield BadHandler(problem, OTHER_EVENT, where)


def _command_names(observer: Observer) -> Iterator[BadHandler]:
    for handler in observer.handlers:
        for command in _commands(handler):
            for name in (command.name, *command.aliases):
                if problem := _problem_of_name(name, command.prefix):
                    yield BadHandler(problem, COMMAND_NAME, handler.function.where)


def _problem_of_name(name: str, prefix: str) -> str:
    if not prefix:
        return f"Command({name!r}, prefix=''): the prefix must not be empty."
    if wrong := [sign for sign in prefix if sign.isalnum() or is_blank(sign)]:
        return f"Command({name!r}, prefix={prefix!r}): use a sign such as “!”, not {wrong[0]!r}."
    if not name:
        return "Command('') has no name."
    if name[0] in {*prefix, "/"}:
        return f"Command({name!r}): write Command({name[1:]!r}), the prefix is added to it."
    if "@" in name or len(name.split()) != 1:
        return f"Command({name!r}): a command is one word without “@”."
    return ""


# --- warnings ------------------------------------------------------------------------------------


def warnings(dispatcher: Dispatcher) -> Iterator[CheckMessage]:
    """Yield warnings about declarations that are valid but probably wrong."""
    for name in dispatcher.observers.keys() - {
        "error"
    }:  # error handlers of the nearest router come first
        handlers = [
            (router, handler)
            for is_fallback in (False, True)
            for router in dispatcher.tree()
            for handler in router.observers[name].handlers
            if handler.fallback is is_fallback
        ]
        for place, (router, handler) in enumerate(handlers):
            later = [one for above, one in handlers[place + 1 :] if _covers(router, above)]
            if not router.observers[name].filters:
                yield from _hidden(handler, later)
    for router, observer in observers(dispatcher):
        for handler in observer.handlers:
            known = names_for(router, observer, dispatcher.declared)
            yield from _never_given(handler, known | _values_given(observer, handler))
            yield from _not_wrapped(handler)


def _covers(router: Router, other: Router) -> bool:
    """Return whether the router handles all bots that the other one handles."""
    own, others = (
        [it.bots for it in one.lineage() if it.bots is not None] for one in (router, other)
    )
    return all(one in others for one in own)


def _hidden(handler: Handler, later: list[Handler]) -> Iterator[CheckMessage]:
    """Warn of handlers that are never called, because this one matches all their events."""
    is_catch_all = not handler.filters or (
        handler.event_type is Message and takes_everything(handler.filters)
    )
    if not is_catch_all:
        yield from _hidden_commands(handler, later)
        return
    hidden = [it for it in later if not it.fallback]
    names = [f"/{it.name}" for one in hidden for it in _own_commands(one)]
    names = names or [it.name for it in hidden]
    if hidden and not handler.fallback:
        yield Warning(
            f"{handler.name} matches every event, so these are never called: {', '.join(names)}.",
            hint="Register it with fallback=True, or give it filters.",
            obj=handler.function.where,
            id=HIDING_CATCH_ALL,
        )


def _hidden_commands(handler: Handler, later: list[Handler]) -> Iterator[CheckMessage]:
    for other in later:
        for command in () if _is_own(other) else _own_commands(other):
            unreachable = [
                command.prefix[0] + name
                for name in (command.name, *command.aliases)
                if all(takes_command(handler.filters, sign + name) for sign in command.prefix)
            ]
            if unreachable:
                named = unreachable[0]
                yield Warning(
                    f"The command {named} of {other.name} is never reached: {handler.name} "
                    f"({handler.function.where}) handles it first.",
                    hint="Add filters to the first handler, or remove one of the two.",
                    obj=other.function.where,
                    id=DUPLICATE_COMMAND,
                )


def _never_given(handler: Handler, known: frozenset[str]) -> Iterator[CheckMessage]:
    for function in (handler.function, *handler.lazy):
        optional = set(function.wanted) - function.required - known
        for name in sorted(optional - set(function.of_type(handler.event_type))):
            if hint := did_you_mean(name, known):
                yield Warning(
                    f"The argument {name} of {function.name} is not available: it has its default.",
                    hint=hint.strip(),
                    obj=function.where,
                    id=NEVER_GIVEN,
                )


def _not_wrapped(handler: Handler) -> Iterator[CheckMessage]:
    for function in (handler.function, *handler.lazy):
        if function.hides_another:
            yield Warning(
                f"{function.name} accepts **kwargs and refers to another function, as a decorator "
                "without functools.wraps. It receives all available values.",
                hint="If it decorates that function, use functools.wraps.",
                obj=function.where,
                id=NOT_WRAPPED,
            )


def _values_given(observer: Observer, handler: Handler) -> frozenset[str]:
    return frozenset().union(*(it.gives for it in (*observer.filters, *handler.filters)))


def _commands(handler: Handler) -> Iterable[Command]:
    """Return the commands in the filters, including negated ones."""
    parts = (part for one in handler.filters for part in one.all_parts())
    return [it for it in parts if isinstance(it, Command)]


def _own_commands(handler: Handler) -> Iterable[Command]:
    """Return the commands that the handler handles."""
    parts = (part for one in handler.filters for part in one.parts())
    return [it for it in parts if isinstance(it, Command)]


def _is_own(handler: Handler) -> bool:
    """Return whether the handler belongs to Svyaz; apps may override its commands."""
    return handler.name.startswith("bots.handlers.")
