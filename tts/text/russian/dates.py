"""Dates, years, times of day and centuries in Russian."""

import re
from re import Match

from tts.text.russian.context import kept_dot, word_before
from tts.text.russian.nouns import Case, feminine, masculine
from tts.text.russian.numerals import cardinal, ordinal
from tts.text.russian.vocabulary import (
    DATIVE_AFTER,
    GENITIVE_AFTER,
    MONTHS,
    YEAR,
)

MONTH = "|".join(MONTHS)
YEAR_END = r"(?:\s*(?:г\.|года|год\b|г\b))?"
DOTTED = re.compile(rf"(?<![\d.])(\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}}|\d{{2}})(?![\d.]*\d){YEAR_END}")
ISO = re.compile(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])T?")
DAY = r"(?<![\d.,])(\d{1,2})"
WRITTEN = re.compile(rf"{DAY}\s+({MONTH})\b(?:\s+(\d{{4}}){YEAR_END})?", re.IGNORECASE)
SPAN = re.compile(rf"{DAY}\s*[–—-]\s*(\d{{1,2}})\s+(?=(?:{MONTH})\b)", re.IGNORECASE)
SINCE = re.compile(rf"\bс\s+(\d{{1,2}})\s+по(?=\s+\d{{1,2}}\s+(?:{MONTH})\b)", re.IGNORECASE)
YEARS = re.compile(r"(?<![\d.,])(\d{4})\s*[–—-]\s*(\d{4})\s*(гг\.|годы|годах|годов)")
ONE_YEAR = re.compile(r"(?<![\d.,])(\d{4})(?:\s*(г\.|г\b)|\s+(года|году|годом|годе|год)\b)")
CLOCK = r"([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?"
TIME = re.compile(rf"(?<![\d:]){CLOCK}(?![\d:])")
TIMES = re.compile(rf"(?<![\d:]){CLOCK}\s*[–—-]\s*{CLOCK}(?![\d:])")
YEAR_WORDS = {
    "год": Case.NOMINATIVE,
    "года": Case.GENITIVE,
    "году": Case.DATIVE,
    "годом": Case.INSTRUMENTAL,
    "годе": Case.PREPOSITIONAL,
}
IN = ("в", "во", "о", "об")
HOUR, MINUTE = masculine("час"), feminine("минут")


def say_dates(text: str) -> str:
    """Replace every date, year and time of day by words."""
    text = DOTTED.sub(dotted, text)
    text = ISO.sub(lambda match: date(match, *map(int, match.group(3, 2, 1))), text)
    text = SPAN.sub(span, text)
    text = SINCE.sub(lambda match: f"с {ordinal(int(match[1]), Case.GENITIVE, 'n')} по", text)
    text = WRITTEN.sub(written, text)
    text = YEARS.sub(years, text)
    text = ONE_YEAR.sub(year, text)
    text = TIMES.sub(times, text)
    return TIME.sub(lambda match: time(match.groups(), time_case(match)), text)


def dotted(match: Match[str]) -> str:
    day, month, year = match.groups()
    full = int(year) + (0 if len(year) == 4 else 2000)
    return date(match, int(day), int(month), full) + kept_end(match)


def written(match: Match[str]) -> str:
    day, name, year = match.groups()
    month = MONTHS.index(name.lower()) + 1
    return date(match, int(day), month, int(year or 0)) + (kept_end(match) if year else "")


def date(match: Match[str], day: int, month: int, year: int) -> str:
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return match[0]
    said = f"{ordinal(day, day_case(match), 'n')} {MONTHS[month - 1]}"
    return f"{said} {ordinal(year, Case.GENITIVE)} года" if year else said


def kept_end(match: Match[str]) -> str:
    return kept_dot(match, match[0].endswith("г."))


def day_case(match: Match[str]) -> Case:
    """Return the case of a day: in a sentence it mostly tells when, in the genitive."""
    before = word_before(match)
    if before in DATIVE_AFTER:
        return Case.DATIVE
    is_named = before in ("на", "сегодня", "это", "по", "дата", "за")
    return Case.NOMINATIVE if is_named else Case.GENITIVE


def span(match: Match[str]) -> str:
    first, last = (ordinal(int(day), Case.GENITIVE, "n") for day in match.groups())
    last = ordinal(int(match[2]), Case.NOMINATIVE, "n")
    return f"{'' if word_before(match) == 'с' else 'с '}{first} по {last} "


def year(match: Match[str]) -> str:
    number, short, word = match.groups()
    before = word_before(match)
    if short:
        case = year_case(match, before)
        return f"{ordinal(int(number), case)} {YEAR.singular[case]}{kept_end(match)}"
    case = YEAR_WORDS[word]
    if case is Case.DATIVE and before in IN:
        case = Case.PREPOSITIONAL
    return f"{ordinal(int(number), case)} {word}"


def year_case(match: Match[str], before: str) -> Case:
    if before in IN:
        return Case.PREPOSITIONAL
    if before in DATIVE_AFTER:
        return Case.DATIVE
    if before in ("на", "за", "") or match.string[: match.start()].rstrip().endswith((",", ".")):
        return Case.NOMINATIVE
    return Case.GENITIVE


def years(match: Match[str]) -> str:
    is_in = word_before(match) in IN or match[3] == "годах"
    case = Case.PREPOSITIONAL if is_in else Case.NOMINATIVE
    case = Case.GENITIVE if match[3] == "годов" else case
    first, last = (ordinal(int(number), case) for number in match.group(1, 2))
    word = "годов" if case is Case.GENITIVE else YEAR.plural[case]
    return f"{first} — {last} {word}{kept_dot(match, match[3].endswith('.'))}"


def time_case(match: Match[str]) -> Case:
    before = word_before(match)
    if before in GENITIVE_AFTER:
        return Case.GENITIVE
    return Case.DATIVE if before in DATIVE_AFTER else Case.NOMINATIVE


def times(match: Match[str]) -> str:
    first, last = match.groups()[:3], match.groups()[3:]
    start = "" if word_before(match) == "с" else "с "
    return f"{start}{time(first, Case.GENITIVE)} до {time(last, Case.GENITIVE)}"


def time(clock: tuple[str | None, ...], case: Case) -> str:
    """Return четырнадцать тридцать, девять ноль пять, шесть часов."""
    hour, minute = int(clock[0] or 0), int(clock[1] or 0)
    hours = cardinal(hour, case)
    if not minute and not clock[2]:
        return f"{hours} {HOUR.counted(hour, case)}"
    zero = "ноль " if minute < 10 else ""
    minutes = f"{zero}{cardinal(minute, case)}" if minute else "ноль ноль"
    return " ".join(filter(None, (hours, minutes, seconds(clock[2], case))))


def seconds(value: str | None, case: Case) -> str:
    if not value:
        return ""
    return f"{cardinal(int(value), case, 'f')} {feminine('секунд').counted(int(value), case)}"
