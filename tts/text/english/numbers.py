"""Numbers, dates, times, money and units in English."""

import re
from re import Match

from tts.text.english.numerals import LARGEST, cardinal, decimal, ordinal, spell, year
from tts.text.english.vocabulary import MONEY, MONTHS, SCALES, UNITS

NUMBER = r"(\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.(\d+))?"
START = r"(?<![\w.,])"
MONTH = "|".join(f"{name}|{name[:3]}\\.?" for name in MONTHS)
SCALE = r"(?:\s?(thousand|million|billion|trillion|k|m|bn)\b)?"
ISO = re.compile(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])")
MONTH_DAY = re.compile(rf"\b({MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(\d{{4}}))?\b(?!:)")
DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+({MONTH})\b(?:,?\s+(\d{{4}}))?")
YEAR = re.compile(
    r"(?<=\b(?:in|of|by) )(1[1-9]\d\d|20\d\d)\b(?!\.\d|,\d)|\b(?:1[1-9]\d\d|20\d\d)(?=s\b)", re.I
)
CLOCK = re.compile(
    r"(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?::[0-5]\d)?(?:\s?([ap])\.?m\b\.?)?(?![\d:])", re.I
)
PHONE = re.compile(
    r"(?<![\w+])(\+?\d{1,3})[\s-]?\(?(\d{3})\)?[\s-]?(\d{3})[\s-]?(\d{2})[\s-]?(\d{2})(?!\d)"
)
VERSION = re.compile(
    r"(?<![\w.])[vV]?(\d+(?:\.\d+){2,})(?!\w|\.\d)|(?<![\w.])[vV](\d+(?:\.\d+)*)\b"
)
MONEY_BEFORE = re.compile(rf"([$€£¥₽])\s?{NUMBER}{SCALE}", re.IGNORECASE)
ORDINAL = re.compile(r"(?<![\w.,])(\d+)(?:st|nd|rd|th)\b")
RANGE = re.compile(r"(?<![\w.,–-])(\d+)\s?[–—-]\s?(\d+)(?![\w–-]|[.,]\d)")
UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
MEASURE = re.compile(rf"{START}([–−-])?{NUMBER}\s?({UNIT})(?!\w)")
PLAIN = re.compile(rf"{START}(?:([–−-])(?=\d))?{NUMBER}(?!\w)")
LEFT = re.compile(r"\d+")


def say_numbers(text: str) -> str:
    """Replace every number, date and time by words; none is left."""
    text = ISO.sub(lambda match: date(int(match[3]), int(match[2]), match[1]) or match[0], text)
    text = MONTH_DAY.sub(lambda match: date(int(match[2]), month(match[1]), match[3]), text)
    text = DAY_MONTH.sub(lambda match: date(int(match[1]), month(match[2]), match[3]), text)
    text = CLOCK.sub(clock, text)
    text = PHONE.sub(phone, text)
    text = VERSION.sub(version, text)
    text = MONEY_BEFORE.sub(money, text)
    text = ORDINAL.sub(lambda match: ordinal(safe(match[1])), text)
    text = YEAR.sub(lambda match: year(int(match[0])), text)
    text = RANGE.sub(span, text)
    text = MEASURE.sub(measure, text)
    text = PLAIN.sub(plain, text)
    return LEFT.sub(lambda match: f" {whole(match[0])} ", text)


def whole(written: str) -> str:
    """Return a whole number; a code (007, or a very long one) digit by digit."""
    bare = written.replace(",", "")
    if (len(bare) > 1 and bare[0] == "0") or int(bare[:20]) >= LARGEST:
        return spell(bare)
    return cardinal(int(bare))


def safe(written: str) -> int:
    return int(written.replace(",", "")[-14:])


def month(written: str) -> int:
    return next(at for at, name in enumerate(MONTHS, 1) if name.startswith(written[:3]))


def date(day: int, number: int, written_year: str | None) -> str:
    if not (1 <= day <= 31 and 1 <= number <= 12):
        return ""
    said = f"{MONTHS[number - 1]} {ordinal(day)}"
    return f"{said}, {year(int(written_year))}" if written_year else said


def clock(match: Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    half = f" {match[3].upper()}M" if match[3] else ""
    if not minute:
        return f"{cardinal(hour)}{half or (' o’clock' if 0 < hour <= 12 else ' hundred')}"
    return f"{cardinal(hour)} {'oh ' if minute < 10 else ''}{cardinal(minute)}{half}"


def phone(match: Match[str]) -> str:
    plus = "plus " if match[1].startswith("+") else ""
    return plus + ", ".join(spell(group.lstrip("+")) for group in match.groups())


def version(match: Match[str]) -> str:
    named = "version " if match[0][0] in "vV" else ""
    return named + " point ".join(whole(number) for number in (match[1] or match[2]).split("."))


def money(match: Match[str]) -> str:
    sign, number, part, scale = match.groups()
    one, more, small, smaller = MONEY[sign]
    if scale:
        large = SCALES.get(scale.lower(), scale)
        return f"{counted(number, part)} {large} {more}"
    if part and len(part) != 2:
        return f"{counted(number, part)} {more}"
    cents = int(part or 0)
    said = f"{whole(number)} {one if safe(number) == 1 else more}"
    return f"{said} {cardinal(cents)} {small if cents == 1 else smaller}" if cents else said


def counted(number: str, part: str | None) -> str:
    return decimal(safe(number), part) if part else whole(number)


def span(match: Match[str]) -> str:
    if safe(match[1]) >= safe(match[2]) or match[1][0] == "0" != match[1]:
        return f"{whole(match[1])} , {whole(match[2])}"
    return f"{whole(match[1])} to {match[2]}"


def measure(match: Match[str]) -> str:
    minus, number, part, unit = match.groups()
    one, more = UNITS[unit]
    name = one if safe(number) == 1 and not part else more
    return f"{'minus ' if minus else ''}{counted(number, part)} {name}"


def plain(match: Match[str]) -> str:
    minus, number, part = match.groups()
    return f"{'minus ' if minus else ''}{counted(number, part)}"
