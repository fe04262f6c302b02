"""Ordinals, powers, compounds and bare numbers in English."""

import re
from re import Match

from tts.text.english.numerals import (
    DASH,
    NUMBER,
    PREFIXES,
    START,
    counted,
    ordinal,
    plural,
    spell,
    value,
    whole,
)
from tts.text.english.tables.words import LETTERS
from tts.text.scanning import Context, Rule

ORDINAL = re.compile(
    rf"(?<![\w.,])(\d+)(?:st|nd|rd|th)(?:{DASH}(\d+)(?:st|nd|rd|th))?(s?)(?!\w)", re.IGNORECASE
)
POWER = re.compile(r"(?<![\w.,])10\^([-–−])?(\d{1,3})(?!\w)")
# Several of a number: omega-3s, two 747s, 100s of people.
PLURAL = re.compile(r"(?:(?<=[A-Za-z]-)|(?<![\w.,-]))(\d+)s(?=\s(of)\b)?(?!\w)")
SEVERAL = {"10": "tens", "100": "hundreds", "1000": "thousands"}
COMPOUND = re.compile(r"(?<![\w.,])(\d+)(?:\.(\d+))?-([a-z]+(?:-[a-z]+)*)(?!\w)")
BRACKET = re.compile(r"(?<=\d)\(([a-z]|\d+)\)")
HASH = re.compile(r"(?<!\w)#(?=\d)")
PLAIN = re.compile(rf"{START}([–−+-](?=\d))?{NUMBER}(?!\w)")
# Numbers that are dialled: call 911.
EMERGENCY = re.compile(r"\d{3}")
CALLING = frozenset(("call", "calling", "called", "dial", "dialed", "dialled", "phone", "text"))
LEFT = re.compile(r"\d+")


def read_ordinal(match: Match[str], context: Context) -> str | None:
    """Read "22nd", "10th-12th", but not 13st, which are stone."""
    if match[2] is None and match[0].lower().endswith("st") and not said_with_first(match[1]):
        return None
    last = f" to {ordinal(value(match[2]))}" if match[2] else ""
    return ordinal(value(match[1])) + last + match[3].lower()


def said_with_first(digits: str) -> bool:
    return digits.endswith("1") and not digits.endswith("11")


def read_power(match: Match[str], context: Context) -> str:
    return f"ten to the {'minus ' if match[1] else ''}{ordinal(int(match[2]))}"


def read_plural(match: Match[str], context: Context) -> str | None:
    digits, is_of = match.groups()
    if is_of and digits in SEVERAL:
        return SEVERAL[digits]
    is_name = match.string[match.start() - 1 : match.start()] == "-" or len(digits) > 2
    return plural(whole(digits)) if is_name and not digits.endswith("0") else None


def read_compound(match: Match[str], context: Context) -> str:
    """Read 5-year-old, 3-bedroom, 26.2-mile."""
    digits, part, tail = match.groups()
    said = counted(digits, part) if part else whole(digits)
    return f"{said}-{tail}" if len(tail) > 1 else f"{said} {tail}"


def read_bracket(match: Match[str], context: Context) -> str:
    inner = match[1]
    return f" {LETTERS[inner]}" if inner.isalpha() else f" {whole(inner)}"


def read_hash(match: Match[str], context: Context) -> str:
    return "number "


def read_plain(match: Match[str], context: Context) -> str:
    sign, digits, part = match.groups()
    if EMERGENCY.fullmatch(digits) and context.word_before(match.start()) in CALLING:
        return spell(digits)
    if part and is_version(match, context):
        return f"{whole(digits)} point {whole(part) if int(part) >= 10 else spell(part)}"
    return f"{PREFIXES.get(sign or '', '')}{counted(digits, part)}"


def is_version(match: Match[str], context: Context) -> bool:
    """Tell the version of a program from a decimal: Python 3.12."""
    before = next(context.before(match.start(), 1), None)
    if before is None or not before.is_word or len(match[3]) != 2 or match[3][0] == "0":
        return False
    is_first = before.start == 0
    return before.text[0].isupper() and not is_first and before.text.lower() not in ("about", "pi")


def read_left(match: Match[str], context: Context) -> str:
    return whole(match[0])


ORDINALS = [
    Rule("0", PLURAL, read_plural),
    Rule("0", ORDINAL, read_ordinal),
    Rule("0", POWER, read_power),
]
COMPOUNDS = [Rule("0", COMPOUND, read_compound)]
RULES = [
    Rule(".", BRACKET, read_bracket),
    Rule(".", HASH, read_hash),
    Rule("0.", PLAIN, read_plain),
    Rule("0", LEFT, read_left),
]
