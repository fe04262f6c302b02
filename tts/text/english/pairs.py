"""Fractions, scores, ratios and ranges in English: two numbers with a sign between."""

import re
from re import Match

from tts.text.english.numerals import (
    DASH,
    NUMBER,
    counted,
    fraction,
    row,
    value,
    whole,
)
from tts.text.scanning import Context, Rule

FRACTION = re.compile(r"(?<![\w/.,])(?:(\d+)\s)?(\d{1,3})/(\d{1,6})(?![\w/]|[.,]\d)")
SCORE = re.compile(r"(?<![\w.,–-])(\d{1,3})\s?[–-]\s?(\d{1,3})(?![\w–-]|[.,]\d)")
RATIO = re.compile(r"(?<![\w:.,])(\d+)\s?:\s?(\d{1,3}(?:,\d{3})+|\d+)(?![:\d])")
RANGE = re.compile(rf"(?<![\w.,–-]){NUMBER}{DASH}{NUMBER}(?![\w–-]|[.,]\d)")
# 3-4x, 1-in-5, 2-for-1, 9-to-5.
TIMES_RANGE = re.compile(rf"(?<![\w.,–-]){NUMBER}{DASH}{NUMBER}[xX](?!\w)")
JOINED = re.compile(
    r"(?<![\w.,])(\d+)-(in|to|of|by|for|on|out-of|and)-(?:(a|one|two|three)\b|(\d+)(?!\w))"
)
# The two parts of a hundred: a 60/40 split.
WHOLE = 100
# What two numbers compare, or count the votes of: no times, no scores.
COMPARED = frozenset(row("odds ratio ratios scale proportion proportions vote voted votes margin"))
BOOKS = frozenset(
    row(
        "genesis exodus leviticus numbers deuteronomy joshua judges ruth samuel kings psalm psalms"
        " proverbs ecclesiastes isaiah jeremiah ezekiel daniel hosea matthew mark luke john acts"
        " romans corinthians galatians ephesians philippians colossians hebrews james peter jude"
        " revelation surah"
    )
)


def read_fraction(match: Match[str], context: Context) -> str | None:
    mixed, upper, lower = match.groups()
    top, bottom = int(upper), int(lower)
    if not mixed and top + bottom == WHOLE:
        return f"{whole(upper)} {whole(lower)}"
    is_tiny = top == 1 and bottom in (1_000, 10_000, 100_000)
    if not is_tiny and (not 0 < top <= bottom <= WHOLE or bottom == 1):
        said = f"{whole(upper)} over {whole(lower)}"
        return f"{whole(mixed)} {said}" if mixed else said
    if not mixed and top == bottom:
        return f"{whole(upper)} {whole(lower)}"
    is_share = context.word_after(match.end()) == "of"
    if not mixed and bottom in (10, 100) and top > 1 and not is_share:
        return f"{whole(upper)} out of {whole(lower)}"
    if not mixed:
        return fraction(top, bottom)
    rest = "a half" if (top, bottom) == (1, 2) else fraction(top, bottom)
    return f"{whole(mixed)} and {rest}"


def read_score(match: Match[str], context: Context) -> str | None:
    """Read two numbers that do not go up as a score."""
    first, last = value(match[1]), value(match[2])
    is_scored = context.word_before(match.start()).startswith(
        ("won", "lost", "win", "beat", "scor", "drew", "tie", "lead", "led")
    )
    if first < last and not is_scored:
        return None
    if match[1][0] == "0" != match[1] or (match[2].startswith("0") and len(match[2]) > 1):
        return None
    joint = "to " if is_compared(match, context) else ""
    return f"{whole(match[1])} {joint}{whole(match[2])}"


def is_compared(match: Match[str], context: Context) -> bool:
    """Tell whether odds, a ratio or votes are named before."""
    return not COMPARED.isdisjoint(token.text.lower() for token in context.before(match.start(), 3))


def read_ratio(match: Match[str], context: Context) -> str:
    """Read "3:1", the 16:9 of a screen, and chapter and verse."""
    is_pair = len(match[2]) == 2 and len(match[1]) == 2 and not is_compared(match, context)
    joint = " " if is_pair or context.word_before(match.start()) in BOOKS else " to "
    return f"{whole(match[1])}{joint}{whole(match[2])}"


def read_range(match: Match[str], context: Context) -> str:
    first, first_part, last, last_part = match.groups()
    if value(first) >= value(last) or first[0] == "0" != first:
        return f"{counted(first, first_part)} , {counted(last, last_part)}"
    return f"{counted(first, first_part)} to {counted(last, last_part)}"


def read_times_range(match: Match[str], context: Context) -> str:
    return f"{counted(match[1], match[2])} to {counted(match[3], match[4])} times"


def read_joined(match: Match[str], context: Context) -> str:
    first, word, name, number = match.groups()
    return f"{whole(first)} {word.replace('-', ' ')} {name or whole(number)}"


# Before measures: the words in between are spelled like units.
JOINED_RULES = [
    Rule("0", TIMES_RANGE, read_times_range),
    Rule("0", JOINED, read_joined),
]
RULES = [
    Rule("0", SCORE, read_score),
    Rule("0", RATIO, read_ratio),
    Rule("0", RANGE, read_range),
]
FRACTIONS = [Rule("0", FRACTION, read_fraction)]
