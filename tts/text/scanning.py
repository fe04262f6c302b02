"""Reading a text by rules: every construct is recognised once, where it begins.

A text is a row of tokens (words, numbers, signs). At each token the rules that may begin there are
tried in order; the first that has a reading replaces what it has matched, and the scan goes on
behind it. A rule sees the original text on both sides, never what another rule has made of it.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from re import Match, Pattern
from typing import NamedTuple

TOKEN = re.compile(r"[^\W\d_]+(?:[-‑'’][^\W\d_]+)*|\d+|[^\w\s]|_")
# Where the next rule may begin: behind a run of letters, a run of digits, or one other character.
STEP = re.compile(r"[^\W\d_]+|\d+|\s+|.", re.DOTALL)


class Token(NamedTuple):
    """A word (with its hyphens), a run of digits, or a single sign."""

    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()

    @property
    def is_number(self) -> bool:
        return self.text.isdecimal()


class Context:
    """A text with its tokens, for looking to the left and right of a match."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [Token(found[0], *found.span()) for found in TOKEN.finditer(text)]
        self._starts = [token.start for token in self.tokens]

    def before(self, position: int, limit: int = 12) -> Iterator[Token]:
        """Yield the tokens that begin before a position, the nearest first."""
        last = bisect_left(self._starts, position)
        for at in range(last - 1, max(last - 1 - limit, -1), -1):
            yield self.tokens[at]

    def after(self, position: int, limit: int = 12) -> Iterator[Token]:
        """Yield the tokens from a position on."""
        first = bisect_left(self._starts, position)
        yield from self.tokens[first : first + limit]

    def word_before(self, position: int) -> str:
        """Return the word before, in lower case, with nothing but spaces or quotes between."""
        for token in self.before(position, 3):
            if token.is_word:
                return token.text.lower()
            if token.text not in '(«"„“':
                break
        return ""

    def word_after(self, position: int) -> str:
        """Return the word that follows after nothing but spaces."""
        token = next(self.after(position, 1), None)
        return token.text if token and token.is_word else ""

    def ends_sentence(self, position: int) -> bool:
        """Tell whether nothing, a new line or a capital follows: a dot before is a full stop."""
        return bool(SENTENCE_END.match(self.text, position))


def full_stop(match: Match[str], context: Context) -> str:
    """Return the end of a sentence that the dot of an abbreviation is at the same time."""
    return "." if match[0].endswith(".") and context.ends_sentence(match.end()) else ""


def final_stop(match: Match[str], context: Context) -> str:
    """Return the dot where no word follows at all: capitals after it are mostly of names."""
    return "" if context.word_after(match.end()) else full_stop(match, context)


SENTENCE_END = re.compile(r"[\s»”\")]*(?:$|\n)|[»”\")]*\s+[\"«„“(]*[A-ZА-ЯЁ]")

Reader = Callable[[Match[str], Context], str | None]


@dataclass(frozen=True)
class Rule:
    """A pattern and its reading; a reader that returns None leaves the text to the next rule.

    `begins` names the kinds of characters with which the pattern can begin (see `kind_of`).
    """

    begins: str
    pattern: Pattern[str]
    read: Reader


def kind_of(character: str) -> str:
    """Return "0" for a digit, "я" for a Cyrillic, "a" for any other letter, "." for the rest."""
    if character.isdecimal():
        return "0"
    if "а" <= character.lower() <= "ё":
        return "я"
    return "a" if character.isalpha() else "."


class Scanner:
    """Applies rules to texts in one pass, in linear time."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = {kind: [rule for rule in rules if kind in rule.begins] for kind in "0яa."}

    def read(self, text: str) -> str:
        context = Context(text)
        said: list[str] = []
        position = 0
        while position < len(text):
            reading, position = self._read_at(position, context)
            said.append(reading)
        return "".join(said)

    def _read_at(self, position: int, context: Context) -> tuple[str, int]:
        for rule in self._rules[kind_of(context.text[position])]:
            found = rule.pattern.match(context.text, position)
            if not found or found.end() == position:
                continue
            reading = rule.read(found, context)
            if reading is not None:
                return set_apart(reading, found), found.end()
        end = next(STEP.finditer(context.text, position)).end()
        return context.text[position:end], end


def set_apart(reading: str, found: Match[str]) -> str:
    """Return a reading with the spaces that part it from the words on both sides."""
    text, start, end = found.string, *found.span()
    before = " " if start and text[start - 1].isalnum() else ""
    after = " " if end < len(text) and text[end].isalnum() else ""
    return f"{before}{reading}{after}"
