"""Numbers that count something: units, money, ranges of them."""

import re
from collections.abc import Iterable
from re import Match

from tts.text.russian.codes import whole
from tts.text.russian.context import amount, case_of, kept_dot, word_before
from tts.text.russian.nouns import Case, Noun
from tts.text.russian.numerals import decimal
from tts.text.russian.vocabulary import MONEY, MULTIPLIERS, UNITS


def alternatives(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


NUMBER = r"(\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+)(?:[.,](\d+))?"
START = r"(?<![\w.,])"
SIGNED = rf"{START}(?:([–−-])(?=\d))?{NUMBER}"
TIMES = rf"(?:\s*((?:{alternatives(MULTIPLIERS)})\.?)(?![а-яё]))"
MAYBE = f"{TIMES}?"
UNIT = rf"({alternatives(UNITS)})(?![\w²³])(\.)?".replace(r"\ ", r"\s*")
SIGN = rf"({alternatives(MONEY)})(?![а-яёa-z])"

MONEY_BEFORE = re.compile(rf"([$€£¥₽])\s?{NUMBER}{MAYBE}")
MONEY_AFTER = re.compile(rf"{SIGNED}{MAYBE}\s?{SIGN}(\.)?", re.IGNORECASE)
OF_WHAT = rf"(?:{MAYBE}\s?(?:{UNIT}|{SIGN}\.?)|{TIMES})?"
RANGE = re.compile(rf"{START}{NUMBER}\s?[–—-]\s?{NUMBER}(?![\d:/]){OF_WHAT}")
MEASURE = re.compile(rf"{SIGNED}{MAYBE}\s?{UNIT}")
MULTIPLIED = re.compile(rf"{SIGNED}{TIMES}")


def say_measures(text: str) -> str:
    text = MONEY_BEFORE.sub(money_before, text)
    text = RANGE.sub(span, text)
    text = MONEY_AFTER.sub(money_after, text)
    text = MEASURE.sub(measure, text)
    return MULTIPLIED.sub(multiplied, text)


def value(written: str) -> int:
    """Return a number for its noun; of one too long for words only the end matters."""
    return int(re.sub(r"\D", "", written)[-14:])


def money_before(match: Match[str]) -> str:
    sign, number, part, times = match.groups()
    return money(number, part or "", times, sign, case_of(match))


def money_after(match: Match[str]) -> str:
    minus, number, part, times, sign, dot = match.groups()
    said = money(number, part or "", times, sign, case_of(match))
    return f"{'минус ' if minus else ''}{said}{kept_dot(match, dot or sign.endswith('.'))}"


def money(number: str, part: str, times: str | None, sign: str, case: Case) -> str:
    """Return двадцать рублей пятьдесят копеек for 20,50."""
    unit, hundredth = next(pair for name, pair in MONEY.items() if name.lower() == sign.lower())
    if times or len(part) != 2:
        return measured(number, part, times, unit, case)
    said = amount(value(number), "", unit, case)
    return f"{said} {amount(int(part), '', hundredth, case)}" if int(part) else said


def measure(match: Match[str]) -> str:
    minus, number, part, times, unit, dot = match.groups()
    said = measured(number, part or "", times, UNITS[unit_name(unit)], case_of(match))
    return f"{'минус ' if minus else ''}{said}{kept_dot(match, dot)}"


def measured(number: str, part: str, times: str | None, noun: Noun, case: Case) -> str:
    if times:
        return f"{amount(value(number), part, many(times), case)} {noun.plural[Case.GENITIVE]}"
    return amount(value(number), part, noun, case)


def many(times: str) -> Noun:
    return MULTIPLIERS[times.rstrip(".").lower()]


def unit_name(written: str) -> str:
    return re.sub(r"^(кв|куб)\.\s*", r"\1. ", written)


def multiplied(match: Match[str]) -> str:
    minus, number, part, times = match.groups()
    said = amount(value(number), part or "", many(times), case_of(match))
    return f"{'минус ' if minus else ''}{said}{kept_dot(match, times.endswith('.'))}"


def span(match: Match[str]) -> str:
    """Return от пяти до десяти километров; what does not go up is no range but two numbers."""
    first, first_part, last, last_part, *_ = match.groups(default="")
    start, end = (float(f"{value(one)}.{part or 0}") for one, part in
                  ((first, first_part), (last, last_part)))  # fmt: skip
    if start >= end or first.startswith("0"):
        return re.sub(r"\s?[–—-]\s?", " — ", match[0], count=1)
    before = "" if word_before(match) in ("от", "с") else "от "
    return f"{before}{counted(first, first_part)} до {end_of_span(match)}"


def end_of_span(match: Match[str]) -> str:
    _, _, last, part, times, unit, dot, sign, alone = match.groups(default="")
    if unit:
        noun = UNITS[unit_name(unit)]
        said = measured(last, part, times, noun, Case.GENITIVE)
        return said + kept_dot(match, dot)
    if sign:
        return money(last, part, times, sign, Case.GENITIVE)
    if alone:
        return amount(value(last), part, many(alone), Case.GENITIVE)
    return counted(last, part)


def counted(number: str, part: str) -> str:
    if part:
        return decimal(value(number), part, Case.GENITIVE)
    return whole(number, Case.GENITIVE)
