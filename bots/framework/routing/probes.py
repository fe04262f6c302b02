"""Probing of filters at start-up with sample messages, to find handlers that hide others.

Only filters that depend on the message alone are probed: built-in ones, `F` and lambdas.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from bots.framework.events.types import Message
from bots.framework.filters import ChatKind, Command, Regexp, Text
from bots.framework.filters.base import Both, Either, Filter, FunctionFilter, Not
from bots.framework.filters.magic import MagicPasses
from bots.framework.routing.injection import Context

TRIED = (ChatKind, Command, MagicPasses, Regexp, Text)
ARGUMENTS = ("", " a", " 1 two")
ANYTHING = ("", "hello", "/x", "/x a", "!y 1", "Привет, бот!")
PLACES = ("user", "discussion", "thread")


def takes_command(filters: Iterable[Filter], name: str) -> bool:
    """Return whether the filters pass the command for any author, chat and arguments."""
    return _take(filters, [name + arguments for arguments in ARGUMENTS])


def takes_everything(filters: Iterable[Filter]) -> bool:
    """Return whether the filters pass every message."""
    return _take(filters, ANYTHING)


def _take(filters: Iterable[Filter], texts: Iterable[str]) -> bool:
    filters = tuple(filters)
    if not all(_can_be_tried(part) for one in filters for part in one.all_parts()):
        return False
    try:
        return all(_passes(one, it) for it in _messages(texts) for one in filters)
    except Exception:  # a lambda may require more than sample messages have
        return False


def _can_be_tried(part: Filter) -> bool:
    if isinstance(part, FunctionFilter):
        function = part.function
        is_lambda = getattr(function.call, "__name__", "") == "<lambda>"
        return is_lambda and not function.wanted and not function.takes_all
    return isinstance(part, TRIED)


def _messages(texts: Iterable[str]) -> Iterator[Message]:
    for number, text in enumerate(texts):
        for place in PLACES:
            # All numbers are unique, so that no filter passes all messages by accident.
            own = {"id": 9_000_001 + number, "chat_id": 9_100_001 + number}
            people = {"user_id": 9_200_001 + number, "entity_id": 9_300_001 + number}
            yield Message.read({**own, **people, "entity_type": place, "content": text})


def _passes(one: Filter, message: Message) -> bool:
    match one:
        case Both():
            return _passes(one.first, message) and _passes(one.second, message)
        case Either():
            return _passes(one.first, message) or _passes(one.second, message)
        case Not():
            return not _passes(one.other, message)
        case FunctionFilter():
            verdict = one.function.call(message)
            return isinstance(verdict, dict) or bool(verdict)
    return _result(one, message) is not False


def _result(one: Filter, message: Message) -> Any:
    """Return the verdict of a filter that does not await."""
    nothing: frozenset[str] = frozenset()
    context = Context(event=message, switched_off=nothing, own_names=nothing)
    asking = one.passes(message, context)
    try:
        asking.send(None)
    except StopIteration as end:
        return end.value
    asking.close()
    return False
