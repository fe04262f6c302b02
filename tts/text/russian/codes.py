"""Numbers that count nothing: telephones, versions, codes."""

import re
from re import Match

from tts.text.russian.context import word_before
from tts.text.russian.nouns import Case
from tts.text.russian.numerals import LARGEST, cardinal, digits

PHONE = re.compile(
    r"(?<![\w+])(\+?\d{1,3})[\s-]?(?:\((\d{3,5})\)|(\d{3}))"
    r"[\s-]?(\d{2,3})[\s-]?(\d{2})[\s-]?(\d{2})(?!\d)"
)
VERSION = re.compile(
    r"(?<![\w.])[vV]?(\d+(?:\.\d+){2,})(?!\w|\.\d)|(?<![\w.])[vV](\d+(?:\.\d+)*)\b"
)


def say_codes(text: str) -> str:
    return VERSION.sub(version, PHONE.sub(phone, text))


def phone(match: Match[str]) -> str:
    """Return the groups of a telephone number, as they are dictated."""
    country, first, second, *rest = match.groups()
    plus = "плюс " if country.startswith("+") else ""
    return plus + ", ".join(map(group, [country.lstrip("+"), first or second, *rest]))


def group(number: str) -> str:
    """Return a group of a telephone number with its zeros in front."""
    zeros = len(number) - len(number.lstrip("0"))
    rest = [cardinal(int(number))] if zeros < len(number) else []
    return " ".join(["ноль"] * zeros + rest)


def version(match: Match[str]) -> str:
    is_named = match[0][0] not in "vV" or word_before(match).startswith("верси")
    numbers = (match[1] or match[2]).split(".")
    return ("" if is_named else "версия ") + " точка ".join(map(whole, numbers))


def whole(written: str, case: Case = Case.NOMINATIVE, gender: str = "m") -> str:
    """Return a whole number; a code (007, or a very long one) digit by digit."""
    bare = re.sub(r"\D", "", written)
    if is_code(bare):
        return digits(bare)
    return cardinal(int(bare), case, gender)


def is_code(bare: str) -> bool:
    return (len(bare) > 1 and bare[0] == "0") or int(bare[:20]) >= LARGEST
