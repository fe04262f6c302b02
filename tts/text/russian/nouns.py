"""Russian nouns in all cases, and the form that a number asks for."""

from dataclasses import dataclass
from enum import IntEnum


class Case(IntEnum):
    """The six cases, as positions in a row of forms."""

    NOMINATIVE = 0
    GENITIVE = 1
    DATIVE = 2
    ACCUSATIVE = 3
    INSTRUMENTAL = 4
    PREPOSITIONAL = 5


@dataclass(frozen=True)
class Noun:
    """A noun's six singular and six plural forms; `few` is the form after 2, 3 and 4."""

    singular: tuple[str, ...]
    plural: tuple[str, ...]
    gender: str = "m"
    few: str = ""

    def counted(self, number: int, case: Case) -> str:
        """Return the form after a whole number that stands in a case itself."""
        if is_one(number):
            return self.singular[case]
        if case not in (Case.NOMINATIVE, Case.ACCUSATIVE):
            return self.plural[case]
        if is_few(number):
            return self.few or self.singular[Case.GENITIVE]
        return self.plural[Case.GENITIVE]

    @property
    def part(self) -> str:
        """The form after a fraction."""
        return self.singular[Case.GENITIVE]


def is_one(number: int) -> bool:
    return number % 10 == 1 and number % 100 != 11


def is_few(number: int) -> bool:
    return number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14)


def row(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def forms(stem: str, endings: str) -> tuple[str, ...]:
    return tuple(stem + ending.strip("-") for ending in endings.split())


def masculine(stem: str, many: str = "ов") -> Noun:
    """метр; `many` ends the genitive plural, "-" for none: пять ватт."""
    return Noun(forms(stem, "- а у - ом е"), forms(stem, f"ы {many} ам ы ами ах"))


def feminine(stem: str, many: str = "") -> Noun:
    """минута, and with к or ч at the end of its stem тысяча; `many` is the genitive plural."""
    soft = stem[-1] in "кгхчшщж"
    one = "ей" if stem[-1] in "чшщж" else "ой"
    singular = forms(stem, f"а {'и' if soft else 'ы'} е у {one} е")
    plural = forms(stem, f"{'и' if soft else 'ы'} - ам {'и' if soft else 'ы'} ами ах")
    return Noun(singular, (plural[0], many or plural[1], *plural[2:]), "f")


def unchanging(word: str, gender: str = "m") -> Noun:
    return Noun((word,) * 6, (word,) * 6, gender)


def described(adjective: str, noun: Noun) -> Noun:
    """квадратный метр, by the stem of a hard adjective."""
    singular = forms(adjective, ADJECTIVE["m"])
    plural = forms(adjective, ADJECTIVE["p"])
    return Noun(
        tuple(f"{left} {right}" for left, right in zip(singular, noun.singular, strict=True)),
        tuple(f"{left} {right}" for left, right in zip(plural, noun.plural, strict=True)),
        noun.gender,
        few=f"{plural[Case.GENITIVE]} {noun.part}",
    )


def followed(noun: Noun, after: str) -> Noun:
    """километр в час."""
    return Noun(
        tuple(f"{form} {after}" for form in noun.singular),
        tuple(f"{form} {after}" for form in noun.plural),
        noun.gender,
    )


# Endings of hard adjectives by gender, "p" for the plural.
ADJECTIVE = {
    "m": "ый ого ому ый ым ом",
    "f": "ая ой ой ую ой ой",
    "n": "ое ого ому ое ым ом",
    "p": "ые ых ым ые ыми ых",
}
