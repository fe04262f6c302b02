"""Times of day in Russian."""

import re
from re import Match

from tts.text.russian.grammar.cases import Case
from tts.text.russian.grammar.government import govern
from tts.text.russian.grammar.heads import find_head
from tts.text.russian.grammar.labels import is_labelled
from tts.text.russian.grammar.morphology import counted
from tts.text.russian.grammar.numerals import cardinal
from tts.text.russian.rules.senses import is_measured
from tts.text.russian.tables.calendar import MONTHS as MONTHS_OF_DATES
from tts.text.russian.tables.calendar import WEEKDAYS
from tts.text.scanning import Context, Rule

CLOCK = r"([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?"
DOTTED = r"([01]?\d|2[0-4])\.([0-5]\d)"
DASH = r"\s?[–—-]\s?"
START = r"(?<![\w:.,])"
TIME = re.compile(rf"{START}{CLOCK}(?![\d:])")
SPAN = re.compile(rf"{START}{CLOCK}{DASH}{CLOCK}(?![\d:])")
DOTTED_TIME = re.compile(rf"{START}{DOTTED}(?![\d%°]|[.,]\d)")
DOTTED_SPAN = re.compile(rf"{START}{DOTTED}{DASH}{DOTTED}(?![\d%°]|[.,]\d)")
# "в 10-30", where minutes have two digits and nothing is counted.
HYPHENED = re.compile(rf"{START}([01]?\d|2[0-4])-([0-5][05])(?![\w-]|[.,]\d)")
MONTHS = range(1, 13)
# Times whose minutes are no month.
CLEAR = r"\d{1,2}[.:](?:00|1[3-9]|[2-5]\d)(?!\d)"
CLEAR_BEFORE = re.compile(rf"{CLEAR}\s(?:до|и)\s$")
CLEAR_AFTER = re.compile(rf"\s(?:до|и)\s{CLEAR}")
# What a time without a colon must follow.
TIME_WORDS = frozenset(("в", "во", "с", "до", "к", "ко", "после", "около", "на", "по"))
# What a time without a colon may follow with nothing but a comma between: чт, 17.00.
TIMED = (
    "начало", "сбор", "старт", "открытие", "отправление", "прибытие", "завтра", "сегодня",
    "утром", "вечером", "днём", "понедельник", "вторник", "сред", "четверг", "пятниц", "суббот",
    "воскресень", *WEEKDAYS, *MONTHS_OF_DATES,
)  # fmt: skip
SCORED = (
    "счёт", "счет", "масштаб", "соотношен", "пропорц", "выиграл", "обыграл", "побед", "проиграл",
    "ничья", "уступил", "разгром", "матч", "развед", "разбав", "раствор", "смеш", "концентрац",
)  # fmt: skip


def read_time(match: Match[str], context: Context) -> str | None:
    hours, minutes, seconds = match.groups()
    if is_score(match, context) or is_labelled(context, match.start()):
        return None
    return say_time(hours, minutes, seconds, time_case(context, match.start()))


def is_score(match: Match[str], context: Context) -> bool:
    """Tell a score or a ratio from a time: "со счётом 21:15"."""
    words = (token.text.lower() for token in context.before(match.start(), 3))
    return any(word.startswith(SCORED) for word in words)


def time_case(context: Context, position: int) -> Case:
    government = govern(context, position)
    is_compared = government.cases == (Case.GENITIVE,)  # не позднее 18:00
    return government.cases[0] if government.is_preposition or is_compared else Case.NOMINATIVE


def read_span(match: Match[str], context: Context) -> str:
    hours, minutes, seconds, last_hours, last_minutes, last_seconds = match.groups()
    first = say_time(hours, minutes, seconds, Case.GENITIVE)
    last = say_time(last_hours, last_minutes, last_seconds, Case.GENITIVE)
    return join(first, last, match, context)


def join(first: str, last: str, match: Match[str], context: Context) -> str:
    before = "" if govern(context, match.start()).word in ("с", "от") else "с "
    return f"{before}{first} до {last}"


def read_dotted(match: Match[str], context: Context) -> str | None:
    """Read "в 10.30", but not "до 10.11", which is a day, nor "в 1.25 раза"."""
    hours, minutes = match.groups()
    if is_measured(match) or is_labelled(context, match.start()):
        return None
    word = govern(context, match.start()).word
    if is_timed(match, context) and (minutes == "00" or int(minutes) > MONTHS.stop):
        return say_time(hours, minutes, None, Case.NOMINATIVE)
    if word not in TIME_WORDS or is_version(match, context):
        return None
    is_day = int(minutes) in MONTHS and int(hours) >= 1 and not has_time(match)
    if word not in ("в", "во") and is_day:
        return None
    if int(minutes) >= 10 and len(hours) == 1 and word not in ("в", "с", "до", "к", "после"):
        return None
    return say_time(hours, minutes, None, time_case(context, match.start()))


def is_timed(match: Match[str], context: Context) -> bool:
    """Tell a time after a day or an event: "чт, 17.00", "начало 19.30"."""
    words = [token.text.lower() for token in context.before(match.start(), 3) if token.is_word]
    return bool(words) and len(match[1]) > 1 and words[0].startswith(TIMED)


def is_version(match: Match[str], context: Context) -> bool:
    """Tell the version of a program, whose name is before the preposition: "Node до 18.20"."""
    names = [token.text for token in context.before(match.start(), 2)][1:]
    return any(name.isascii() and name[0].isupper() for name in names)


def has_time(match: Match[str]) -> bool:
    """Tell whether an unmistakable time is close: "с 9.30 до 10.10"."""
    before = CLEAR_BEFORE.search(match.string, max(0, match.start() - 14), match.start())
    return bool(before or CLEAR_AFTER.match(match.string, match.end()))


def read_dotted_span(match: Match[str], context: Context) -> str | None:
    hours, minutes, last_hours, last_minutes = match.groups()
    if int(minutes) in MONTHS and int(last_minutes) in MONTHS:
        return None
    if is_measured(match):
        return None
    first = say_time(hours, minutes, None, Case.GENITIVE)
    return join(first, say_time(last_hours, last_minutes, None, Case.GENITIVE), match, context)


def read_hyphened(match: Match[str], context: Context) -> str | None:
    """Read "в 10-30", where nothing is counted and it is no range that goes up."""
    is_up = int(match[2]) > int(match[1]) or match[2] == "00"
    if not is_up or govern(context, match.start()).word not in ("в", "к", "до", "с"):
        return None
    if find_head(int(match[2]), context, match.end()) or is_measured(match):
        return None
    return say_time(match[1], match[2], None, time_case(context, match.start()))


def say_time(hours: str, minutes: str, seconds: str | None, case: Case) -> str:
    """Return четырнадцать тридцать, девять ноль пять, шесть часов."""
    hour, minute = int(hours), int(minutes)
    said = cardinal(hour, case)
    if not minute and not seconds:
        return f"{said} {counted('час', hour, case)}"
    if not hour and minute:
        return (f"{said} {counted('час', 0, case)} {cardinal(minute, case, 'f')}"
                f" {counted('минута', minute, case)}")  # fmt: skip
    zero = "ноль " if minute < 10 else ""
    spoken = f"{zero}{cardinal(minute, case)}" if minute else "ноль ноль"
    return " ".join(filter(None, (said, spoken, say_seconds(seconds, case))))


def say_seconds(seconds: str | None, case: Case) -> str:
    if not seconds:
        return ""
    number = int(seconds)
    return f"{cardinal(number, case, 'f')} {counted('секунда', number, case)}"


RULES = [
    Rule("0", SPAN, read_span),
    Rule("0", TIME, read_time),
    Rule("0", DOTTED_SPAN, read_dotted_span),
    Rule("0", DOTTED_TIME, read_dotted),
    Rule("0", HYPHENED, read_hyphened),
]
