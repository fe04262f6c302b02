"""Errors in declarations of handlers, with the id of the system check, file and line."""

import difflib
import sys
from collections.abc import Iterable
from pathlib import Path
from types import CodeType

BOTS = Path(__file__).parents[2]
# Packages of bots that use the framework as other apps do.
USERS = ("handlers", "tests")

UNKNOWN_ARGUMENT = "bots.E001"
BY_POSITION = "bots.E002"
DECORATES_NOTHING = "bots.E003"
NO_FILTER = "bots.E004"
OTHER_EVENT = "bots.E005"
COMMAND_NAME = "bots.E006"
NO_OBSERVER = "bots.E007"
UNKNOWN_OPTION = "bots.E008"
DECORATOR = "bots.E009"
OTHER = "bots.E010"


class BadHandler(TypeError):
    """A handler, filter, middleware or router is declared incorrectly.

    `where` is the file and line, by default of the call into the framework.
    """

    def __init__(self, problem: str, id: str = OTHER, where: str = "") -> None:
        self.problem, self.id = problem, id
        self.where = where or calling_line()
        super().__init__(f"{self.where}: {problem} ({id})")


class NoObserver(BadHandler, AttributeError):
    """A router has no observer of this name."""


class NoLazyParts(LookupError):
    """The lazy parts of a handler cannot be found: the code has changed since it ran."""


def calling_line() -> str:
    """Return the file and line of the innermost call that was made outside the framework."""
    frame = sys._getframe(1)
    while frame.f_back is not None and is_framework(frame.f_code):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def is_framework(code: CodeType) -> bool:
    """Return whether the code is part of bots and neither a handler nor a test."""
    path = Path(code.co_filename)
    if not path.is_relative_to(BOTS):
        return code.co_filename.startswith("<")
    return path.relative_to(BOTS).parts[0] not in USERS


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean …?" for the most similar of the known names, "" if none is similar."""
    similar = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f" Did you mean {similar[0]}?" if similar else ""
