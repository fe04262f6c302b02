"""Buttons under a message, within Pachca's limits: 8 in a row, 32 rows, 100 in all."""

from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any, Protocol

from bots.framework.api.limits import (
    MAX_BUTTON_DATA,
    MAX_BUTTON_TEXT,
    MAX_BUTTONS,
    MAX_BUTTONS_IN_ROW,
    MAX_ROWS,
)

Json = dict[str, Any]


class BadKeyboard(ValueError):
    """Pachca would reject these buttons."""


class Packs(Protocol):
    """An object that can be packed into the data of a button, such as CallbackData."""

    def pack(self) -> str:
        """Return the data of a button."""


class Keyboard:
    """A builder of buttons.

    Keyboard().button("Yes", data=Vote(yes=True)).button("No", data=Vote(yes=False)).adjust(2)

    A row has up to 8 buttons. `row()` begins a new one; `adjust` rearranges all buttons.
    """

    def __init__(self) -> None:
        self.rows: list[list[Json]] = []

    def button(self, text: str, *, data: "str | Packs | None" = None, url: str = "") -> "Keyboard":
        """Add a button that sends `data` to the bot or opens `url`. Raises BadKeyboard."""
        made = _button(str(text), data, url)
        if not self.rows or len(self.rows[-1]) == MAX_BUTTONS_IN_ROW:
            self.rows.append([])
        self.rows[-1].append(made)
        self._check()
        return self

    def row(self) -> "Keyboard":
        """Begin a new row."""
        if self.rows and self.rows[-1]:
            self.rows.append([])
        return self

    def adjust(self, *sizes: int, repeat: bool = False) -> "Keyboard":
        """Arrange the buttons in rows of these sizes. Raises BadKeyboard.

        Further rows have the last size, or with `repeat` all sizes again.
        """
        if not sizes or any(not 0 < size <= MAX_BUTTONS_IN_ROW for size in sizes):
            raise BadKeyboard(f"A row has 1 to {MAX_BUTTONS_IN_ROW} buttons, not {sizes}.")
        buttons, lengths = self._all(), _sizes(sizes, repeat)
        rows = []
        while row := list(islice(buttons, next(lengths))):
            rows.append(row)
        self.rows = rows
        self._check()
        return self

    def as_buttons(self) -> list[list[Json]]:
        """Return the rows of buttons as JSON, without empty rows."""
        return [list(row) for row in self.rows if row]

    def __len__(self) -> int:
        return sum(map(len, self.rows))

    def _all(self) -> Iterator[Json]:
        return iter([button for row in self.rows for button in row])

    def _check(self) -> None:
        if len(self) > MAX_BUTTONS:
            raise BadKeyboard(f"A message has at most {MAX_BUTTONS} buttons.")
        if len(self.rows) > MAX_ROWS:
            raise BadKeyboard(f"A message has at most {MAX_ROWS} rows of buttons.")


def _sizes(sizes: tuple[int, ...], repeat: bool) -> Iterator[int]:
    if repeat:
        yield from cycle(sizes)
    yield from sizes
    yield from cycle(sizes[-1:])


def _button(text: str, data: "str | Packs | None", url: str) -> Json:
    if not 0 < len(text) <= MAX_BUTTON_TEXT:
        raise BadKeyboard(
            f"A button's text has 1 to {MAX_BUTTON_TEXT} characters, not {len(text)}."
        )
    if (data is None) == (not url):
        raise BadKeyboard(f"The button {text!r} needs either data or a url.")
    if url:
        return {"text": text, "url": url}
    packed = data if isinstance(data, str) else _pack(data)
    if not 0 < len(packed) <= MAX_BUTTON_DATA:
        raise BadKeyboard(
            f"A button's data has 1 to {MAX_BUTTON_DATA} characters, not {len(packed)}."
        )
    return {"text": text, "data": packed}


def _pack(data: "Packs | None") -> str:
    return data.pack() if data is not None else ""
