"""Dates in Russian: written out, dotted, short, in spans and lists."""

import re
from dataclasses import dataclass
from re import Match

from tts.text.russian.grammar.cases import Case, row
from tts.text.russian.grammar.government import govern
from tts.text.russian.grammar.labels import is_labelled
from tts.text.russian.grammar.morphology import decline, likeliest
from tts.text.russian.grammar.noun_cases import follows_noun
from tts.text.russian.grammar.numerals import ordinal
from tts.text.russian.rules.senses import is_measured
from tts.text.russian.tables.calendar import MONTH_NAMES, MONTH_SHORTS, MONTHS
from tts.text.scanning import Context, Rule, full_stop

MONTH = rf"({'|'.join(MONTHS)}|(?:{'|'.join(MONTH_SHORTS)})(?:\.|(?=\s)|$))(?![а-яё])"
YEAR = r"(\d{4})(?:\s*(гг?\.|года|год|гг?(?!\w)))?"
DAY = r"(\d{1,2})(?:-?(?:го|ое|е|му|м|ого|ым))?"
START = r"(?<![\w.,:/-])"
DASH = r"\s?[–—-]\s?"
ISO = re.compile(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])T?")
DOTTED = re.compile(
    rf"{START}(\d{{1,2}})([./])(\d{{1,2}})\2(\d{{4}}|\d{{2}})(?![\d.]*\d)(?:\s*(г\.|года|год\b|г\b))?"
)
DOTTED_SPAN = re.compile(
    rf"{START}(\d{{1,2}})\.(\d{{2}})(?:\.(\d{{4}}|\d{{2}}))?{DASH}"
    r"(\d{1,2})\.(\d{2})(?:\.(\d{4}|\d{2}))?(?![\d.]*\d)(?:\s*(г\.|года|год\b|г\b))?"
)
SHORT = re.compile(rf"{START}(\d{{1,2}})\.(0[1-9]|1[0-2])(?![\d%°]|\.\d|,\d)")
WRITTEN = re.compile(rf"{START}{DAY}\s+{MONTH}(?:,?\s+{YEAR}(?!\d))?", re.IGNORECASE)
SPAN = re.compile(
    rf"{START}{DAY}(?:\s+{MONTH})?(?:\s+{YEAR})?{DASH}{DAY}\s+{MONTH}(?:\s+{YEAR})?", re.IGNORECASE
)
ROMAN_MONTH = re.compile(
    rf"{START}(\d{{1,2}})[./](I{{1,3}}|IV|VI{{0,3}}|IX|XI{{0,2}})(?!\w)(?:[./](\d{{4}}|\d{{2}})(?!\d))?"
)
ROMAN_MONTHS = row("I II III IV V VI VII VIII IX X XI XII")
# "1, 5 и 10 мая", "с 3 по 7 мая": the days before the last, which has the month.
LISTED = re.compile(
    rf"{START}{DAY}(?=(?:\s*,\s*\d{{1,2}}|\s+(?:и|или|по|до|на)\s+\d{{1,2}}){{1,8}}\s+{MONTH})",
    re.IGNORECASE,
)
LISTED_DOTTED = re.compile(
    rf"{START}(\d{{1,2}})(?=(?:\s*,\s*\d{{1,2}}|\s+(?:и|по|до)\s+\d{{1,2}}){{1,8}}\.(?:0[1-9]|1[0-2])(?!\d))"
)
EXPLAINED = re.compile(r"\s+[—–-]\s")
# The case of a day, which is a neuter ordinal (число), after a preposition.
CASES = {
    **dict.fromkeys(row("на по за через в"), Case.ACCUSATIVE),
    **dict.fromkeys(row("к ко благодаря"), Case.DATIVE),
    **dict.fromkeys(row("между перед над"), Case.INSTRUMENTAL),
    **dict.fromkeys(row("о об при"), Case.PREPOSITIONAL),
}
# What the ending of a day shows: с 8-м марта.
ENDING = re.compile(r"\d{1,2}-?(му|ым|м)\s", re.IGNORECASE)
ENDING_CASES = {
    "му": (Case.DATIVE,), "ым": (Case.INSTRUMENTAL,), "м": (Case.INSTRUMENTAL, Case.PREPOSITIONAL),
}  # fmt: skip
MONTH_AND_YEAR = re.compile(rf"{START}(0?[1-9]|1[0-2])\.((?:19|20)\d\d)(?![\d.,]*\d)")
NAMED_AFTER = frozenset(
    row("сегодня завтра вчера это дата наступило наступает послезавтра праздник наступит")
)
# Words after which a dotted number is a date rather than a decimal or a time.
DATED = frozenset(
    row(
        "дедлайн срок встреча дата сегодня завтра вчера от до с по к на после перед за понедельник"
        " вторник среда среду четверг пятница пятницу суббота субботу воскресенье начало окончание"
        " день заезд выезд пн вт ср чт пт сб вс и или между отпуск концерт премьера созвон релиз"
    )
)


SECTIONS = ("верси", "пункт", "раздел")


@dataclass(frozen=True)
class Date:
    day: int
    month: int
    year: int = 0

    @property
    def is_valid(self) -> bool:
        return 1 <= self.day <= 31 and 1 <= self.month <= 12

    def say(self, case: Case) -> str:
        said = f"{ordinal(self.day, case, 'n')} {MONTHS[self.month - 1]}"
        return f"{said} {ordinal(self.year, Case.GENITIVE)} года" if self.year else said


def full_year(written: str) -> int:
    """Return the year; of two digits those to 40 are of this century."""
    year = int(written or 0)
    if len(written) != 2:
        return year
    return year + (2000 if year <= 40 else 1900)


def month_of(written: str) -> int:
    name = written.lower().rstrip(".")
    return MONTHS.index(name) + 1 if name in MONTHS else MONTH_SHORTS[name]


def day_case(match: Match[str], context: Context) -> Case:
    """Return the case of a day: without a preposition it mostly tells when, in the genitive."""
    position, end = match.span()
    government = govern(context, position)
    if ending := ENDING.match(match[0]):
        cases = ENDING_CASES[ending[1].lower()]
        return next((case for case in government.cases if case in cases), cases[0])
    if government.is_preposition:
        return CASES.get(government.word, Case.GENITIVE)
    if government.is_free and match.re is WRITTEN and is_holiday(match, context):
        return Case.NOMINATIVE
    is_named = context.word_before(position) in NAMED_AFTER or is_subject(context, position, end)
    return Case.NOMINATIVE if is_named else Case.GENITIVE


def is_holiday(match: Match[str], context: Context) -> bool:
    """Tell a holiday, whose month has a capital: скоро 8 Марта, but ул. 8 Марта."""
    before = next(context.before(match.start(), 1), None)
    is_name = before is not None and (before.text == "." or follows_noun(context, match.start()))
    return match[2].istitle() and not match[3] and not is_name


def is_subject(context: Context, position: int, end: int) -> bool:
    """Tell whether a date begins the sentence and a dash explains it: "1 мая — праздник"."""
    before = context.text[max(0, position - 4) : position]
    is_first = not before.strip(" «(") or before.rstrip()[-1] in ".!?" or "\n" in before
    return is_first and EXPLAINED.match(context.text, end) is not None


def read_month_and_year(match: Match[str], context: Context) -> str | None:
    """Read "за 07.2026", "с 12.2019 по 03.2021"."""
    government = govern(context, match.start())
    if is_labelled(context, match.start()) or is_measured(match):
        return None
    case = government.cases[0] if government.is_preposition else Case.NOMINATIVE
    if government.word in ("в", "во"):
        case = Case.PREPOSITIONAL
    month = decline(MONTH_NAMES[int(match[1]) - 1], case)
    return f"{month} {ordinal(int(match[2]), Case.GENITIVE)} года"


def read_iso(match: Match[str], context: Context) -> str | None:
    date = Date(int(match[3]), int(match[2]), int(match[1]))
    if not date.is_valid:
        return None
    end = " " if match[0].endswith("T") else ""
    return date.say(day_case(match, context)) + end


def read_dotted(match: Match[str], context: Context) -> str | None:
    day, sign, month, year, _ = match.groups()
    date = Date(int(day), int(month), full_year(year))
    if not date.is_valid or (sign == "/" and len(year) == 2):
        return None
    return date.say(day_case(match, context)) + full_stop(match, context)


def read_dotted_span(match: Match[str], context: Context) -> str | None:
    day, month, year, last_day, last_month, last_year, _ = match.groups(default="")
    first = Date(int(day), int(month), full_year(year))
    last = Date(int(last_day), int(last_month), full_year(last_year))
    if not (first.is_valid and last.is_valid):
        return None
    return span(first, last, match, context)


def span(first: Date, last: Date, match: Match[str], context: Context) -> str:
    """Return с пятого по девятое мая, and after a preposition (на) пятое — девятое мая."""
    word = govern(context, match.start()).word
    if word in CASES and first.month == last.month and not first.year:
        return f"{ordinal(first.day, CASES[word], 'n')} — {last.say(CASES[word])}" + full_stop(
            match, context
        )
    before = "" if word in ("с", "от") else "с "
    start = first.say(Case.GENITIVE)
    if not first.month or (first.month == last.month and not first.year):
        start = ordinal(first.day, Case.GENITIVE, "n")
    return f"{before}{start} по {last.say(Case.ACCUSATIVE)}{full_stop(match, context)}"


def read_span(match: Match[str], context: Context) -> str | None:
    day, month, year, _, last_day, last_month, last_year, _ = match.groups(default="")
    last = Date(int(last_day), month_of(last_month), int(last_year or 0))
    first = Date(int(day), month_of(month) if month else last.month, int(year or 0))
    if not (first.is_valid and last.is_valid):
        return None
    return span(first, last, match, context)


def read_written(match: Match[str], context: Context) -> str | None:
    day, month, year, era = match.groups(default="")
    if not 1 <= int(day) <= 31:
        return None
    date = Date(int(day), month_of(month), int(year or 0))
    case = day_case(match, context)
    if month[0].isupper() and month[1:].islower() and govern(context, match.start()).word == "с":
        case = Case.INSTRUMENTAL  # с восьмым Марта: a holiday
    end = "" if year and not era else full_stop(match, context)
    return date.say(case) + end


def read_roman_month(match: Match[str], context: Context) -> str | None:
    """Read "5/VI", "5.VI.2024"."""
    date = Date(int(match[1]), ROMAN_MONTHS.index(match[2]) + 1, full_year(match[3] or ""))
    return date.say(day_case(match, context)) if date.is_valid else None


def read_listed(match: Match[str], context: Context) -> str | None:
    """Read a day whose month follows the last day of the list."""
    if not 1 <= int(match[1]) <= 31:
        return None
    return ordinal(int(match[1]), day_case(match, context), "n")


def read_short(match: Match[str], context: Context) -> str | None:
    """Read "31.12" where it can be a date: not "3.12" after a name, nor "2.05 м"."""
    date = Date(int(match[1]), int(match[2]))
    if not date.is_valid or is_labelled(context, match.start()):
        return None
    if is_measured(match) or not is_dated(match, context):
        return None
    return date.say(day_case(match, context))


def is_dated(match: Match[str], context: Context) -> bool:
    """Tell a day and a month from the number of a version or a clause: "Python до 3.12"."""
    words = [token.text for token in context.before(match.start(), 3) if token.text not in "(:"][:2]
    names = words if govern(context, match.start()).is_preposition else words[:1]
    if any(word[0].isascii() and word[0].isalpha() for word in names):
        return False
    if any(word.lower().startswith(SECTIONS) for word in words):
        return False
    before = words[0].lower() if words else ""
    form = likeliest(before or "-")
    is_event = form.part == "VERB"
    return before not in ("в", "во") and (
        before in DATED
        or form.lemma in DATED
        or is_event
        or len(match[1]) == 2
        or match[2].startswith("0")
    )


RULES = [
    Rule("0", ISO, read_iso),
    Rule("0", DOTTED_SPAN, read_dotted_span),
    Rule("0", DOTTED, read_dotted),
    Rule("0", SPAN, read_span),
    Rule("0", WRITTEN, read_written),
    Rule("0", ROMAN_MONTH, read_roman_month),
    Rule("0", LISTED, read_listed),
    Rule("0", LISTED_DOTTED, read_listed),
]
# After times, which look alike.
SHORT_RULES = [
    Rule("0", SHORT, read_short),
    Rule("0", MONTH_AND_YEAR, read_month_and_year),
]
