"""Times of day in English."""

import re
from re import Match

from tts.text.english.numerals import DASH, cardinal, row
from tts.text.english.pairs import is_compared
from tts.text.scanning import Context, Rule, full_stop

START = r"(?<![\w.,:/$€£-])"
HALF = r"\s?([ap])(?:\.\s?m\.|m\b)"
HOUR12 = r"(1[0-2]|0?\d)"
HOUR24 = r"([01]?\d|2[0-4])"
MINUTE = r"([0-5]\d)"
CLOCK = re.compile(rf"{START}{HOUR24}:{MINUTE}(?::{MINUTE})?(?:{HALF})?(?![\d:%]|[.,]\d)", re.I)
DOTTED = re.compile(rf"{START}{HOUR12}\.{MINUTE}(){HALF}", re.I)
HOUR = re.compile(rf"{START}{HOUR12}{HALF}", re.I)
SPAN = re.compile(
    rf"{START}{HOUR12}(?::{MINUTE})?\s?(?:([ap])(?:\.\s?m\.|m))?{DASH}{HOUR12}(?::{MINUTE})?{HALF}",
    re.I,
)
SHORT_SPAN = re.compile(
    rf"{START}{HOUR12}(?::{MINUTE})?([ap]){DASH}{HOUR12}(?::{MINUTE})?([ap])(?!\w)"
)
# From noon to one: lunch is 12-1.
HOUR_SPAN = re.compile(
    rf"{START}{HOUR12}(?::{MINUTE})?{DASH}{HOUR12}(?::{MINUTE})?(?![\w:–-]|[.,]\d)"
)
CLOCK_SPAN = re.compile(rf"{START}{HOUR24}:{MINUTE}{DASH}{HOUR24}:{MINUTE}(?![\d:])")

# What has hours, without the plural s.
TIMED = frozenset(
    row(
        "lunch dinner breakfast brunch open opened closed hour meeting clas shift office daily"
        " weekday weekend today tomorrow tonight visiting work worked working monday tuesday"
        " wednesday thursday friday saturday sunday mon tue wed thu fri sat sun"
    )
)


def read_clock(match: Match[str], context: Context) -> str | None:
    """Read "2:30 pm", "9:05", "18:00", "3:05:10"."""
    hour, minute, seconds, half = match.groups()
    if not half and is_compared(match, context):
        return None
    said = say_clock(hour, minute)
    if seconds:
        return f"{said} {cardinal(int(seconds))}"
    if half or int(minute):
        return said + say_half(half, match, context)
    return f"{said} {'o’clock' if 0 < int(hour) <= 12 else 'hundred'}"


def say_clock(hour: str, minute: str | None) -> str:
    said = cardinal(int(hour))
    if not minute or not int(minute):
        return said
    return f"{said} {'oh ' if int(minute) < 10 else ''}{cardinal(int(minute))}"


def say_half(half: str | None, match: Match[str], context: Context) -> str:
    """Return A M or P M, by their letters."""
    return f" {half.upper()} M{full_stop(match, context)}" if half else ""


def read_hour(match: Match[str], context: Context) -> str:
    return cardinal(int(match[1])) + say_half(match[2], match, context)


def read_span(match: Match[str], context: Context) -> str:
    """Read "9am-5pm", "10–11:30 am"."""
    first, minute, half, last, last_minute, last_half = match.groups()
    start = say_clock(first, minute) + (f" {half.upper()} M" if half else "")
    return f"{start} to {say_clock(last, last_minute)}{say_half(last_half, match, context)}"


def read_hour_span(match: Match[str], context: Context) -> str | None:
    """Read "open 9-5", "lunch is 12-1", "from 9:30-11"."""
    first, minute, last, last_minute = match.groups()
    around = [*context.before(match.start(), 5), *context.after(match.end(), 3)]
    is_timed = not TIMED.isdisjoint(token.text.lower().rstrip("s") for token in around)
    if not (minute or last_minute or is_timed):
        return None
    return f"{say_clock(first, minute)} to {say_clock(last, last_minute)}"


def read_clock_span(match: Match[str], context: Context) -> str:
    first, minute, last, last_minute = match.groups()
    return f"{say_clock(first, minute)} to {say_clock(last, last_minute)}"


RULES = [
    Rule("0", CLOCK_SPAN, read_clock_span),
    Rule("0", SPAN, read_span),
    Rule("0", SHORT_SPAN, read_span),
    Rule("0", HOUR_SPAN, read_hour_span),
    Rule("0", CLOCK, read_clock),
    Rule("0", DOTTED, read_clock),
    Rule("0", HOUR, read_hour),
]
