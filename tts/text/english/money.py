"""Prices in English."""

import re
from re import Match

from tts.text.english.attributes import is_attribute, singular
from tts.text.english.numerals import (
    DASH,
    NUMBER,
    START,
    cardinal,
    counted,
    value,
    whole,
)
from tts.text.english.tables.units import CODES, MONEY, PER, SCALES
from tts.text.scanning import Context, Rule

SIGN = "|".join(re.escape(sign) for sign in sorted(MONEY, key=len, reverse=True))
CODE = "|".join(CODES)
PER_NAME = "|".join(re.escape(name) for name in sorted(PER, key=len, reverse=True))
SCALE = r"(?:\s?(thousand|million|billion|trillion|mln|mn|bn|tn|[kKmMbBT])(?!\w))?"
PRICE = re.compile(rf"(?<![\w])([-–−])?({SIGN})\s?{NUMBER}{SCALE}(?:/({PER_NAME})(?!\w))?")
PRICE_RANGE = re.compile(
    rf"(?<![\w])({SIGN})\s?{NUMBER}{SCALE}{DASH}(?:{SIGN})?\s?{NUMBER}{SCALE}(?![\w])"
)
AFTER = re.compile(rf"{START}{NUMBER}{SCALE}\s?({CODE}|[€£₽¥₹$](?!\d))(?!\w)")


def read_price(match: Match[str], context: Context) -> str:
    minus, sign, digits, part, scale, per = match.groups()
    is_joined = match.string.startswith("-", match.end())  # a $20-an-hour job
    describes = not per and (is_joined or is_attribute(match, context))
    said = say_money(sign, digits, part, scale, is_attribute=describes)
    return f"{'minus ' if minus else ''}{said}" + (f" per {PER[per]}" if per else "")


def say_money(
    sign: str, digits: str, part: str | None, scale: str | None, *, is_attribute: bool = False
) -> str:
    """Return the words of a price; in the singular where it describes a noun: a $5 bill."""
    one, several, small, smaller = MONEY[sign]
    if is_attribute:
        several, smaller = singular(one), singular(small)
        small = smaller
    if scale:
        return f"{counted(digits, part)} {SCALES[scale.lower()]} {several}"
    if part and len(part) != 2:
        return f"{counted(digits, part)} {several}"
    cents = int(part or 0)
    coins = f"{cardinal(cents)} {small if cents == 1 else smaller}" if cents else ""
    if cents and not value(digits):
        return coins
    return f"{whole(digits)} {one if value(digits) == 1 else several} {coins}".strip()


def read_price_range(match: Match[str], context: Context) -> str:
    sign, digits, part, scale, last, last_part, last_scale = match.groups()
    scale_name = f" {SCALES[scale.lower()]}" if scale else ""
    describes = is_attribute(match, context)
    said = say_money(sign, last, last_part, last_scale, is_attribute=describes)
    return f"{counted(digits, part)}{scale_name} to {said}"


def read_after(match: Match[str], context: Context) -> str:
    digits, part, scale, code = match.groups()
    return say_money(CODES.get(code, code), digits, part, scale)


RULES = [
    Rule("a.", PRICE_RANGE, read_price_range),
    Rule("a.", PRICE, read_price),
    Rule("0", AFTER, read_after),
]
