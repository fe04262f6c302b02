"""Buttons under a message, within Pachca's limits: 8 in a row, 32 rows, 100 in all."""

from collections.abc import Iterator
from itertools import cycle, islice
from typing import Protocol

from bots.answers import Json

MOST_IN_ROW, MOST_ROWS, MOST_BUTTONS = 8, 32, 100
LONGEST_TEXT = LONGEST_DATA = 255


class BadKeyboard(ValueError):
    """Pachca would not take these buttons."""


class Packs(Protocol):
    def pack(self) -> str:
        """Return the data of a button."""


class Keyboard:
    """A builder of buttons.

    Keyboard().button("Yes", data=Vote(yes=True)).button("No", data=Vote(yes=False)).adjust(2)

    Buttons fill rows of up to 8; `row()` begins a new one, `adjust` lays all of them out anew.
    """

    def __init__(self) -> None:
        self.rows: list[list[Json]] = []

    def button(self, text: str, *, data: "str | Packs | None" = None, url: str = "") -> "Keyboard":
        """Add a button that tells the bot its `data` or opens a `url`; raises BadKeyboard."""
        made = _button(str(text), data, url)
        if not self.rows or len(self.rows[-1]) == MOST_IN_ROW:
            self.rows.append([])
        self.rows[-1].append(made)
        self._check()
        return self

    def row(self) -> "Keyboard":
        """Let the next button begin a row."""
        if self.rows and self.rows[-1]:
            self.rows.append([])
        return self

    def adjust(self, *sizes: int, repeat: bool = False) -> "Keyboard":
        """Lay the buttons out in rows of these sizes; further rows have the last of them, or with
        `repeat` all of them again. Raises BadKeyboard."""
        if not sizes or any(not 0 < size <= MOST_IN_ROW for size in sizes):
            raise BadKeyboard(f"A row has 1 to {MOST_IN_ROW} buttons, not {sizes}.")
        buttons, lengths = self._all(), _sizes(sizes, repeat)
        rows = []
        while row := list(islice(buttons, next(lengths))):
            rows.append(row)
        self.rows = rows
        self._check()
        return self

    def as_buttons(self) -> list[list[Json]]:
        return [list(row) for row in self.rows if row]

    def __len__(self) -> int:
        return sum(map(len, self.rows))

    def _all(self) -> Iterator[Json]:
        return iter([button for row in self.rows for button in row])

    def _check(self) -> None:
        if len(self) > MOST_BUTTONS:
            raise BadKeyboard(f"A message has at most {MOST_BUTTONS} buttons.")
        if len(self.rows) > MOST_ROWS:
            raise BadKeyboard(f"A message has at most {MOST_ROWS} rows of buttons.")


def _sizes(sizes: tuple[int, ...], repeat: bool) -> Iterator[int]:
    if repeat:
        yield from cycle(sizes)
    yield from sizes
    yield from cycle(sizes[-1:])


def _button(text: str, data: "str | Packs | None", url: str) -> Json:
    if not 0 < len(text) <= LONGEST_TEXT:
        raise BadKeyboard(f"A button's text has 1 to {LONGEST_TEXT} characters, not {len(text)}.")
    if (data is None) == (not url):
        raise BadKeyboard(f"The button {text!r} needs either data or a url.")
    if url:
        return {"text": text, "url": url}
    packed = data if isinstance(data, str) else _packed(data)
    if not 0 < len(packed) <= LONGEST_DATA:
        raise BadKeyboard(f"A button's data has 1 to {LONGEST_DATA} characters, not {len(packed)}.")
    return {"text": text, "data": packed}


def _packed(data: "Packs | None") -> str:
    return data.pack() if data is not None else ""
