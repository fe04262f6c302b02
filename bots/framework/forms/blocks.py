"""The blocks of a form without a value."""

from typing import Any

from bots.framework.events.outbox import Json

MAX_HEADER, MAX_TEXT = 150, 12_000


class BadForm(ValueError):
    """Pachca would reject this form."""


def check_length(what: str, text: Any, longest: int, shortest: int = 1) -> Any:
    """Return the text. Raises BadForm if its length is not allowed. Keeps lazy translations."""
    length = len(str(text))
    if not shortest <= length <= longest:
        raise BadForm(f"{what} has {shortest} to {longest} characters, not {length}.")
    return text


class Block:
    """A part of a form. Blocks with a value are fields."""

    type = ""

    def block(self) -> Json:
        """Return the block as JSON for `open_view`."""
        return {"type": self.type}


class _TextBlock(Block):
    longest = MAX_TEXT

    def __init__(self, text: Any) -> None:
        self.text = check_length(f"The text of a {self.type}", text, self.longest)

    def block(self) -> Json:
        """Return the block as JSON for `open_view`."""
        return {"type": self.type, "text": str(self.text)}


class Header(_TextBlock):
    """A heading of up to 150 characters."""

    type, longest = "header", MAX_HEADER


class PlainText(_TextBlock):
    """A text of up to 12,000 characters."""

    type = "plain_text"


class Markdown(_TextBlock):
    """A formatted text of up to 12,000 characters."""

    type = "markdown"


class Divider(Block):
    """A horizontal line."""

    type = "divider"
