"""The numbers that nothing else has taken: ordinals with endings, fractions, bare numbers."""

import re
from re import Match

from tts.text.russian.codes import whole
from tts.text.russian.context import case_of, gender_of, words_after
from tts.text.russian.measures import SIGNED, value
from tts.text.russian.nouns import Case
from tts.text.russian.numerals import LARGEST, cardinal, decimal, fraction, joined, ordinal
from tts.text.russian.vocabulary import BEFORE_NUMBERS

FRACTION = re.compile(r"(?<![\w/.,])(\d{1,3})/(\d{1,3})(?![\w/]|[.,]\d)")
RATIO = re.compile(r"(?<=\d)\s?[:∶]\s?(?=\d)")
ENDING = re.compile(r"(?<![\w.,])(\d+)\s?[-‑]\s?([а-яё]+)", re.IGNORECASE)
PLAIN = re.compile(rf"{SIGNED}(?!\w)")
LEFT = re.compile(r"\d+")

ORDINAL_ENDINGS: dict[str, tuple[Case, str]] = {
    **dict.fromkeys(("й", "ый", "ий"), (Case.NOMINATIVE, "m")),
    **dict.fromkeys(("я", "ая"), (Case.NOMINATIVE, "f")),
    **dict.fromkeys(("го", "ого", "его"), (Case.GENITIVE, "m")),
    **dict.fromkeys(("му", "ому"), (Case.DATIVE, "m")),
    **dict.fromkeys(("м", "ом"), (Case.PREPOSITIONAL, "m")),
    **dict.fromkeys(("ю", "ую"), (Case.ACCUSATIVE, "f")),
    **dict.fromkeys(("ые", "ие"), (Case.NOMINATIVE, "p")),
    "ое": (Case.NOMINATIVE, "n"),
    "ым": (Case.INSTRUMENTAL, "m"),
    "ых": (Case.GENITIVE, "p"),
    "ыми": (Case.INSTRUMENTAL, "p"),
}
# Endings that say another thing after other numbers, and those of cardinals: 2-х, 5-ти, 2-мя.
DEPENDING = ("е", "ой", "ей", "х")
OF_CARDINALS = ("х", "ух", "ёх", "ти", "и", "мя", "ми", "ью")
STRESSED = (2, 6, 7, 8, 40)


def say_endings(text: str) -> str:
    """Replace 5-й, 2-х, 10-летний by words."""
    return ENDING.sub(with_ending, text)


def say_numbers(text: str) -> str:
    """Replace every number that is left by words."""
    for pattern, word in BEFORE_NUMBERS.items():
        text = re.sub(rf"(?<!\w){pattern}(?=\d)", word, text, flags=re.IGNORECASE)
    text = RATIO.sub(" — ", FRACTION.sub(part, text))
    text = PLAIN.sub(plain, text)
    return LEFT.sub(lambda match: f" {whole(match[0])} ", text)


def with_ending(match: Match[str]) -> str:
    number, ending = value(match[1]), match[2].lower()
    if number >= LARGEST // 1000 or match[1].startswith("0"):
        return f"{whole(match[1])} {match[2]}"
    if ending in OF_CARDINALS and not is_decade(number, ending):
        return cardinal(number, Case.INSTRUMENTAL if ending[0] in "мь" else Case.GENITIVE)
    if ending in DEPENDING or ending in ORDINAL_ENDINGS:
        return ordinal(number, *ordinal_form(number, ending))
    return f"{joined(number)}{match[2]}"


def is_decade(number: int, ending: str) -> bool:
    return ending in ("х", "е") and number >= 10 and number % 10 == 0


def ordinal_form(number: int, ending: str) -> tuple[Case, str]:
    if ending in ORDINAL_ENDINGS:
        return ORDINAL_ENDINGS[ending]
    if ending == "х":
        return Case.GENITIVE, "p"
    if ending == "е":
        return Case.NOMINATIVE, "p" if is_decade(number, ending) else "n"
    last = number % 100 if number % 100 in (*range(10, 20), 40) else number % 10
    is_masculine = ending == "ой" and last in STRESSED
    return (Case.NOMINATIVE, "m") if is_masculine else (Case.GENITIVE, "f")


def part(match: Match[str]) -> str:
    upper, lower = int(match[1]), int(match[2])
    if 0 < upper < lower <= 100:
        return fraction(upper, lower)
    return f"{whole(match[1])} дробь {whole(match[2])}"


def plain(match: Match[str]) -> str:
    minus, number, part = match.groups()
    sign, case = "минус " if minus else "", case_of(match)
    if part:
        return sign + decimal(value(number), part, case)
    gender = "m" if words_after(match)[:1] == ["раз"] else gender_of(match, value(number))
    return sign + whole(number, case, gender)
