"""Feet and inches with their signs in English."""

import re
from re import Match

from tts.text.english.attributes import is_attribute
from tts.text.english.measures import UNIT
from tts.text.english.numerals import (
    NUMBER,
    START,
    counted,
    fraction,
    value,
    whole,
)
from tts.text.scanning import Context, Rule

FEET = re.compile(
    rf"{START}(\d+)\s?(?:'|′|’)\s?(?:(\d+(?:\.\d+)?)\s?(?:\"|″|''|”|’’)|(\d{{1,2}})(?![\w.,]\d|\w))?(?!\w)"
)
BY = re.compile(r"[xX](?=\s\d)")
SIDE = re.compile(rf"\d\s?(?:{UNIT}|[\"'”″])\.?\s$")
INCH_PART = re.compile(rf"{START}([1-9]\d?)/([1-9]\d?)\s?[\"″”](?!\w)")
# Quotation marks, of which those behind digits may be inches.
OPENING = re.compile(r'(?<![^\s(])"')
CLOSING = re.compile(r'(?<=[^\s(\d])"')
INCHES = re.compile(rf"{START}{NUMBER}(?:\s(\d)/(\d+))?\s?(?:\"|″|”)(?!\w)")


def read_feet(match: Match[str], context: Context) -> str | None:
    feet, inches, bare = match.groups()
    inches = inches or bare
    if inches is None and "'" in match[0] and is_quoted(match):
        return None
    describes = is_attribute(match, context)
    said = f"{whole(feet)} {'foot' if value(feet) == 1 or describes else 'feet'}"
    if not inches:
        return said
    digits, _, part = inches.partition(".")
    return f"{said} {counted(digits, part)} {'inch' if inches == '1' or describes else 'inches'}"


def is_quoted(match: Match[str]) -> bool:
    """Tell a closing quote from feet."""
    before = match.string[max(0, match.start() - 40) : match.start()]
    return len(re.findall(r"(?<![\w'])'", before)) % 2 == 1


def read_inches(match: Match[str], context: Context) -> str | None:
    digits, part, upper, lower = match.groups()
    before = match.string[max(0, match.start() - 80) : match.start()]
    if len(OPENING.findall(before)) > len(CLOSING.findall(before)):
        return None
    is_one = value(digits) == 1 and not part and not upper
    name = "inch" if is_one or is_attribute(match, context) else "inches"
    mixed = f" and {fraction(int(upper), int(lower))}" if upper else ""
    return f"{counted(digits, part)}{mixed} {name}"


def read_inch_part(match: Match[str], context: Context) -> str | None:
    """Read 3/8" as three eighths inch."""
    upper, lower = int(match[1]), int(match[2])
    return f"{fraction(upper, lower)} inch" if upper < lower else None


def read_by(match: Match[str], context: Context) -> str | None:
    """Read the sign between two lengths: 6'8" x 3'."""
    start = max(0, match.start() - 12)
    return "by" if SIDE.search(match.string, start, match.start()) else None


RULES = [
    Rule("a", BY, read_by),
    Rule("0", FEET, read_feet),
    Rule("0", INCH_PART, read_inch_part),
    Rule("0", INCHES, read_inches),
]
