"""The grammatical categories of Russian, and which form of a noun a number takes."""

from enum import IntEnum


class Case(IntEnum):
    """The six cases, as positions in a row of forms."""

    NOMINATIVE = 0
    GENITIVE = 1
    DATIVE = 2
    ACCUSATIVE = 3
    INSTRUMENTAL = 4
    PREPOSITIONAL = 5


DIRECT = (Case.NOMINATIVE, Case.ACCUSATIVE)


def is_one(number: int) -> bool:
    """Tell whether a noun stays in the singular after the number: 1, 21, 101."""
    return number % 10 == 1 and number % 100 != 11


def is_few(number: int) -> bool:
    """Tell whether a noun is in the genitive singular after the number: 2, 3, 4, 22."""
    return number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14)


def row(words: str) -> tuple[str, ...]:
    return tuple(words.split())
