"""Dates, months and days of the week in English."""

import re
from re import Match

from tts.text.english.numerals import DASH, ordinal, row, year
from tts.text.english.tables.words import MONTHS, WEEKDAYS
from tts.text.scanning import Context, Rule, final_stop

SHORTS = [rf"{name[:3]}\.?(?=\s)" for name in MONTHS if name != "May"]
MONTH = "|".join([*MONTHS, *SHORTS, r"Sept\.?(?=\s)"])
START = r"(?<![\w.,:/$€£-])"
DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
YEAR_BEHIND = r"(?:,?\s+(\d{4})(?!\d))?"
ISO = re.compile(r"(?<![\d/-])(\d{4})([-/])(\d{2})\2(\d{2})(?![\d/-])")
SLASHED = re.compile(
    rf"(?:{START}|(?<=/\d\d[–-])|(?<=/\d{{4}}[–-]))("
    rf"\d{{1,2}})([/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}})(?![\d/])"
)
DASHED = re.compile(
    rf"{START}(\d{{1,2}})([-/])({'|'.join(name[:3] for name in MONTHS)})\2(\d{{4}}|\d{{2}})(?!\w)"
)
SHORT = re.compile(rf"{START}(\d{{1,2}})/(\d{{1,2}})(?![\w/]|[.,]\d)")
MONTH_DAY = re.compile(
    rf"\b({MONTH})\s+{DAY}(?!\d|[:.,]\d|\s?[ap]\.?m)(?:{DASH}{DAY}(?!\d))?{YEAR_BEHIND}"
)
DAY_MONTH = re.compile(rf"{START}{DAY}(?:{DASH}{DAY})?\s+(?:of\s+)?({MONTH})(?!\w){YEAR_BEHIND}")
NAME = rf"(?:{'|'.join([*MONTHS, *(name[:3] for name in MONTHS), 'Sept'])})"
MONTH_SPAN = re.compile(rf"\b({NAME})\.?{DASH}({NAME})(?!\w)(\.(?!\s*$))?")
# Between two dates: June 28-July 3, 1/1/2025-3/31/2025.
DATE_DASH = re.compile(rf"(?<=[\dhtd]){DASH}(?={NAME}\.?\s\d|\d{{1,2}}/\d{{1,2}}/\d)")
MONTH_YEAR = re.compile(rf"\b({MONTH})\s+(?:of\s+)?(1\d{{3}}|20\d\d)(?!\d|[.,]\d)")
MONTH_ALONE = re.compile(r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.(?!\w)")
LAST_MONTH = 12
WEEKDAY_NAMES = frozenset((*WEEKDAYS, *WEEKDAYS.values()))
USUAL_PARTS = frozenset((16, 20, 25))
NAMES = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
WEEKDAY = re.compile(rf"(?<!\w)({NAMES})(?![\w'’])\.?")
WEEKDAY_SPAN = re.compile(rf"(?<!\w)({NAMES})\.?{DASH}({NAMES})(?!\w)\.?")
DAY_BEHIND = re.compile(r",|\s\d|\s[-–&]")
DATED = frozenset(row("on by from to until till since before after due dated through"))
PARTS = frozenset(row("1/2 1/3 2/3 1/4 3/4"))
# Days of the week that are words or names as well: sat, sun, wed, Mon, Fri.
AMBIGUOUS = frozenset(row("Sat Sun Wed Mon Fri"))
BEFORE_DAYS = frozenset(row("on by next last this until every or and from to till"))
# What is "of" a date.
WEEKS = frozenset(row("week weekend as night morning evening afternoon day"))
# What has a date: the deadline is 5/1.
EVENTS = frozenset(row("deadline date due birthday appointment meeting party exam wedding flight"))
THIS_CENTURY = 40


def month_of(written: str) -> int:
    return next(at for at, name in enumerate(MONTHS, 1) if name.startswith(written[:3]))


def say_date(day: int, month: int, written_year: str | None) -> str | None:
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    return f"{MONTHS[month - 1]} {ordinal(day)}{year_behind(written_year)}"


def year_behind(written: str | None) -> str:
    return f", {year(full_year(written))}" if written else ""


def full_year(written: str) -> int:
    """Return the year; of two digits those to 40 are of this century."""
    number = int(written)
    if len(written) == 4:
        return number
    return number + (2000 if number <= THIS_CENTURY else 1900)


def read_iso(match: Match[str], context: Context) -> str | None:
    return say_date(int(match[4]), int(match[3]), match[1])


def read_slashed(match: Match[str], context: Context) -> str | None:
    """Read month/day/year, and day/month/year where it can be nothing else."""
    first, sign, second, written = int(match[1]), match[2], int(match[3]), match[4]
    if sign == "." and len(written) == 2:
        return None
    is_day_first = first > 12 or sign == "."
    month, day = (second, first) if is_day_first else (first, second)
    return say_date(day, month, written)


def words_before(match: Match[str], context: Context) -> set[str]:
    return {token.text.lower() for token in context.before(match.start(), 6)}


def read_dashed(match: Match[str], context: Context) -> str | None:
    """Read "14-Feb-2023"."""
    return say_date(int(match[1]), month_of(match[3]), match[4])


def read_short(match: Match[str], context: Context) -> str | None:
    """Read month/day after a word that a date follows: "on 3/14"."""
    # No fraction is larger than one and has such parts: 5/31.
    is_clear = int(match[2]) > LAST_MONTH and int(match[2]) not in USUAL_PARTS
    before = [token.text for token in context.before(match.start(), 3)]
    is_dated = context.word_before(match.start()) in DATED or not WEEKDAY_NAMES.isdisjoint(before)
    is_dated = is_dated or (before[:1] == ["of"] and not WEEKS.isdisjoint(before[1:2]))
    is_due = context.word_before(match.start()) in ("is", "was", "are")
    is_dated = is_dated or (is_due and not EVENTS.isdisjoint(words_before(match, context)))
    is_timed = int(match[2]) > LAST_MONTH and context.word_after(match.end()) in ("at", "from")
    if not (is_dated or is_clear or is_timed) or match[0] in PARTS:
        return None
    return say_date(int(match[2]), int(match[1]), None)


def read_month_day(match: Match[str], context: Context) -> str | None:
    """Read "Nov 21, 2026", "March 3-7"."""
    name, day, last, written = match.groups()
    if not last:
        return say_date(int(day), month_of(name), written)
    return say_days(int(day), int(last), month_of(name), written)


def say_days(first: int, last: int, month: int, written_year: str | None) -> str | None:
    if not 1 <= first <= last <= 31:
        return None
    said = f"{MONTHS[month - 1]} {ordinal(first)} to {ordinal(last)}"
    return said + year_behind(written_year)


def read_day_month(match: Match[str], context: Context) -> str | None:
    """Read "4 July 1776" as July fourth, "the 1st of May" as the first of May."""
    first, last, name, written = match.groups()
    month = month_of(name)
    if last:
        return say_days(int(first), int(last), month, written)
    if context.word_before(match.start()) == "the" or " of " in match[0]:
        is_day = 1 <= int(first) <= 31
        said = f"{ordinal(int(first))} of {MONTHS[month - 1]}{year_behind(written)}"
        return said if is_day else None
    return say_date(int(first), month, written)


def read_month_year(match: Match[str], context: Context) -> str:
    return f"{MONTHS[month_of(match[1]) - 1]} {year(int(match[2]))}"


def read_month_span(match: Match[str], context: Context) -> str:
    """Read "Jan.-Mar.", "June–August"."""
    return f"{MONTHS[month_of(match[1]) - 1]} to {MONTHS[month_of(match[2]) - 1]}"


def read_date_dash(match: Match[str], context: Context) -> str:
    return " to "


def read_month(match: Match[str], context: Context) -> str:
    return MONTHS[month_of(match[1]) - 1] + final_stop(match, context)


def read_weekday(match: Match[str], context: Context) -> str | None:
    """Read "Tue", "on Fri", but not "the Sun"."""
    name, before = match[1], context.word_before(match.start())
    is_dated = DAY_BEHIND.match(match.string, match.end()) is not None
    is_day = match[0].endswith(".") or is_dated or not before or before in BEFORE_DAYS
    if name in AMBIGUOUS and not is_day:
        return None
    return WEEKDAYS[name] + final_stop(match, context)


def read_weekdays(match: Match[str], context: Context) -> str:
    return f"{WEEKDAYS[match[1]]} to {WEEKDAYS[match[2]]}{final_stop(match, context)}"


RULES = [
    Rule("0", ISO, read_iso),
    Rule("0", SLASHED, read_slashed),
    Rule("0", DASHED, read_dashed),
    Rule("0", SHORT, read_short),
    Rule("a", MONTH_DAY, read_month_day),
    Rule("0", DAY_MONTH, read_day_month),
    Rule("a", MONTH_SPAN, read_month_span),
    Rule(".", DATE_DASH, read_date_dash),
    Rule("a", MONTH_YEAR, read_month_year),
    Rule("a", MONTH_ALONE, read_month),
    Rule("a", WEEKDAY_SPAN, read_weekdays),
    Rule("a", WEEKDAY, read_weekday),
]
