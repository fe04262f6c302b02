"""The blocks of a form that only show something."""

from typing import Any

from bots.answers import Json

LONGEST_HEADER, LONGEST_TEXT = 150, 12_000


class BadForm(ValueError):
    """Pachca would not take this form."""


def fitting(what: str, text: Any, longest: int, shortest: int = 1) -> Any:
    """Return the text, whose length is checked; raises BadForm. A lazy translation stays one."""
    length = len(str(text))
    if not shortest <= length <= longest:
        raise BadForm(f"{what} has {shortest} to {longest} characters, not {length}.")
    return text


class Block:
    """A part of a form. Those that ask for something are fields."""

    type = ""

    def block(self) -> Json:
        """Return the block as Pachca takes it."""
        return {"type": self.type}


class _Said(Block):
    longest = LONGEST_TEXT

    def __init__(self, text: Any) -> None:
        self.text = fitting(f"The text of a {self.type}", text, self.longest)

    def block(self) -> Json:
        return {"type": self.type, "text": str(self.text)}


class Header(_Said):
    """A heading of up to 150 characters."""

    type, longest = "header", LONGEST_HEADER


class PlainText(_Said):
    """A text of up to 12,000 characters."""

    type = "plain_text"


class Markdown(_Said):
    """A formatted text of up to 12,000 characters."""

    type = "markdown"


class Divider(Block):
    """A line across."""

    type = "divider"
