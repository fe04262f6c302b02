"""Limits that Pachca enforces beyond its schema: empty texts, lengths, numbers of buttons.

`bots.framework.api.table.check` enforces them for handlers, typed calls and the test kit.
"""

from typing import Any

from bots.framework.api.envelope import BadParameters
from core.text.visibility import is_blank

MAX_CONTENT = 40_000
MAX_BUTTONS_IN_ROW, MAX_ROWS, MAX_BUTTONS = 8, 32, 100
MAX_BUTTON_TEXT = MAX_BUTTON_DATA = 255


class TooLong(BadParameters):
    """A text is longer than Pachca allows."""

    def __init__(self, what: str, length: int, most: int) -> None:
        super().__init__(f"{what} has {length} characters; Pachca allows at most {most}.")
        self.length, self.most = length, most


class Empty(BadParameters):
    """A message has neither visible text nor a file."""


def check_limits(method: str, parameters: dict[str, Any]) -> None:
    """Raise BadParameters, TooLong or Empty for parameters that Pachca would reject."""
    match method:
        case "create_message" | "update_message":
            _check_message(parameters["message"], is_new=method == "create_message")
        case "add_reaction" | "remove_reaction":
            if not parameters["code"].strip():
                raise Empty("A reaction needs a code: an emoji, or that of a custom one.")


def _check_message(message: dict[str, Any], is_new: bool) -> None:
    content = message.get("content", "")
    # An edit may remove the text of a message with files.
    if is_new and not message.get("files"):
        if not content.strip():
            raise Empty("A message needs a text or a file; this one has neither.")
        # Buttons make a message visible.
        if not message.get("buttons") and is_blank(content):
            raise Empty("The text of the message has only invisible characters.")
    if len(content) > MAX_CONTENT:
        raise TooLong("The text of a message", len(content), MAX_CONTENT)
    check_buttons(message.get("buttons") or [])


def check_buttons(rows: list[list[dict[str, Any]]]) -> None:
    """Raise BadParameters for buttons that Pachca would reject."""
    if len(rows) > MAX_ROWS:
        raise BadParameters(f"A message has at most {MAX_ROWS} rows of buttons, not {len(rows)}.")
    if any(len(row) > MAX_BUTTONS_IN_ROW for row in rows):
        raise BadParameters(f"A row has at most {MAX_BUTTONS_IN_ROW} buttons.")
    if sum(map(len, rows)) > MAX_BUTTONS:
        raise BadParameters(f"A message has at most {MAX_BUTTONS} buttons.")
    for button in (it for row in rows for it in row):
        _check_button(button)


def _check_button(button: dict[str, Any]) -> None:
    if not button["text"].strip():
        raise Empty("A button needs a text.")
    if bool(button.get("url")) == ("data" in button):
        raise BadParameters(f"The button {button['text']!r} needs either data or a url.")
