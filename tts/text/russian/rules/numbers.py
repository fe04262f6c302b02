"""Fractions, ratios, numbers of clauses, ranges, and bare numbers."""

import re
from re import Match

from tts.text.russian.grammar.agreement import agree
from tts.text.russian.grammar.cases import Case, is_one, row
from tts.text.russian.grammar.government import govern
from tts.text.russian.grammar.heads import find_head
from tts.text.russian.grammar.labels import is_labelled
from tts.text.russian.grammar.morphology import decline, part_of
from tts.text.russian.grammar.noun_cases import case_of_noun, follows_noun
from tts.text.russian.grammar.numerals import (
    COLLECTIVE,
    LARGEST,
    cardinal,
    decimal,
    fraction,
    one_and_a_half,
    ordinal,
    part_form,
    value,
    whole,
)
from tts.text.russian.grammar.ordinals import Agreement
from tts.text.russian.rules.amounts import Amount, unit_of
from tts.text.russian.rules.measures import GAP, SIGNED, START, WHOLE, alternatives
from tts.text.russian.tables.units import UNITS
from tts.text.scanning import Context, Rule, full_stop

NUMBER = rf"({WHOLE})(?:[.,](\d+))?"
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
POWER = re.compile(
    rf"{START}(\d{{1,15}})(⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,3}})(?:{GAP}({alternatives(UNITS)})(?![\w²³]))?"
)
MULTIPLIED = re.compile(r"(?<=\d)\s?[·⋅]\s?(?=\d)")
FRACTION = re.compile(r"(?<![\w/.,])(?:(\d{1,3})\s)?(\d{1,3})/(\d{1,4})(?![\w/]|[.,]\d)")
PART_OF_UNIT = re.compile(
    rf"(?<![\w/.,])(?:(\d{{1,3}})\s)?([1-9]\d?)/([1-9]\d?){GAP}({alternatives(UNITS)})(?![\w²³])\.?"
)
RATIO = re.compile(r"(?<![\w:.,])(\d+)\s?[:∶]\s?(\d{1,3}(?: \d{3})+(?!\d)|\d+)(?![:\d])")
STARS = re.compile(r"(?<![\w.,])([1-5])\*(?!\w)")
SECTION = re.compile(r"(?<![\w,])(\d+(?:\.\d+)+)(?!\w|[.,]\d)")
RANGE = re.compile(rf"{START}{NUMBER}\s?(?:[–—-]|\.{{3}}|…)\s?{NUMBER}(?![\w:/-]|[.,]\d)")
PLAIN = re.compile(rf"{START}([–−+±-](?=\d))?{NUMBER}(?!\w)")
LEFT = re.compile(r"\d+")
# Letters that are rather words than units after a fraction.
WORDS = frozenset("вВсАБ")
STANDARDS = frozenset(("сп", "гост", "снип", "санпин", "ту", "рд", "исо"))
# What two numbers with a slash are after these words: давление 120/80.
PAIRED = frozenset(
    row("давление давления давлением зрение ад график графика графике графиком смены сменам")
)
SMALLEST_PRESSURE = 60
LARGEST_PART = 1000


def read_power(match: Match[str], context: Context) -> str:
    """Read "10²⁴ кг", "2⁻³"."""
    base, exponent, unit = match.groups()
    number = int(exponent.translate(SUPERSCRIPTS))
    sign = "минус " if number < 0 else ""
    how = {2: "в квадрате", 3: "в кубе"}.get(
        number, f"в {sign}{ordinal(abs(number), Case.PREPOSITIONAL, 'f')} степени"
    )
    name = decline(UNITS[unit], Case.GENITIVE, True) if unit else ""
    return f"{whole(base)} {how} {name}".strip()


def read_multiplied(match: Match[str], context: Context) -> str:
    return " умножить на "


def read_fraction(match: Match[str], context: Context) -> str:
    """Read "3/4", "1 1/2", "24/7", "120/80", "дом 7/2"."""
    mixed, upper, lower = match.groups()
    start = match.start(2)
    if mixed and 0 < int(upper) < int(lower):
        return f"{wholes(int(mixed), Case.NOMINATIVE)} {fraction(int(upper), int(lower))}"
    said = read_pair(upper, lower, context, start)
    return f"{whole(mixed)} {said}" if mixed else said


def wholes(count: int, case: Case) -> str:
    """Return одна целая, две целых: what precedes a fraction."""
    return f"{cardinal(count, case, 'f')} {part_form('цел', count, case)}"


def read_pair(upper: str, lower: str, context: Context, start: int) -> str:
    top, bottom = int(upper), int(lower)
    if context.text[start - 1 : start] in ("-", "–"):
        return f"{whole(upper)} дробь {whole(lower)}"  # № 3-15/24
    words = {token.text.lower() for token in context.before(start, 3)}
    if (top, bottom) == (24, 7) or top >= SMALLEST_PRESSURE or words & PAIRED:
        return f"{whole(upper)} на {whole(lower)}"
    is_part = 0 < top < bottom <= LARGEST_PART and not upper.startswith("0")
    if is_part and context.text.startswith(" финала", start + len(upper) + len(lower) + 1):
        return fraction(top, bottom, round_case(context, start))
    if is_part and not is_labelled(context, start):
        return fraction(top, bottom, govern(context, start).cases[0])
    return f"{whole(upper)} дробь {whole(lower)}"


def round_case(context: Context, position: int) -> Case:
    """Return the case of a round of a cup: в 1/8 финала, матч 1/8 финала."""
    if not govern(context, position).is_preposition and follows_noun(context, position):
        return Case.GENITIVE
    return case_of_noun(context, position)


def read_part(match: Match[str], context: Context) -> str | None:
    """Read "1/2 ч. л.", "1 1/2 кг"."""
    mixed, upper, lower, unit = match.groups()
    if int(upper) >= int(lower) or unit in WORDS:
        return None
    case = govern(context, match.start()).cases[0]
    said = fraction(int(upper), int(lower), case)
    if mixed:
        said = f"{wholes(int(mixed), case)} {said}"
    return f"{said} {part_of(unit_of('', '', unit, '').name)}{full_stop(match, context)}"


def read_ratio(match: Match[str], context: Context) -> str:
    """Read scores, and scales like "1:100"."""
    first, last = match.groups()
    if first == "1" and value(last) >= 10:
        return f"{whole(first)} к {whole(last, Case.DATIVE)}"
    return f"{whole(first)} — {whole(last)}"


def read_stars(match: Match[str], context: Context) -> str:
    number = int(match[1])
    star = {1: "звезда", 5: "звёзд"}.get(number, "звезды")
    return f"{cardinal(number, gender='f')} {star}"


def read_section(match: Match[str], context: Context) -> str | None:
    """Read the numbers of clauses, and of versions after a name: п. 3.2, Python 3.12."""
    if not is_labelled(context, match.start()) and not follows_program(match, context):
        return None
    return " точка ".join(map(whole, match[1].split(".")))


def follows_program(match: Match[str], context: Context) -> bool:
    """Tell whether a foreign name precedes, alone or with a preposition: "Python до 3.12"."""
    words = [token.text.lower() for token in context.before(match.start(), 2) if token.is_word]
    if words and (words[0][0].isascii() or words[0].startswith("верси") or words[0] in STANDARDS):
        return True
    return len(words) == 2 and words[1][0].isascii() and govern(
        context, match.start()
    ).is_preposition  # fmt: skip


def read_range(match: Match[str], context: Context) -> str:
    """Read "2-3 дня", "на 5-6 этаже": both numbers are read alike."""
    first, first_part, last, last_part = match.groups(default="")
    low, high = value(first), value(last)
    government = govern(context, match.start())
    if first_part or last_part:
        case = government.cases[0]
        return f"{say_decimal(first, first_part, case)} — {say_decimal(last, last_part, case)}"
    if low >= high or first.startswith("0") or last.startswith("0"):
        return f"{whole(first)} — {whole(last)}"
    how = agree(high, context, match.start(), match.end(), is_range=True)
    how_low = how
    if government.word == "по" and is_one(low) and how.case is Case.ACCUSATIVE:
        how_low = Agreement(Case.DATIVE, how.gender)
    # Two numbers that follow each other are an approximation, said in one breath.
    joint = " до " if government.word == "от" else " " if high - low == 1 else " — "
    return f"{say(first, how_low)}{joint}{say(last, how)}"


def say(written: str, how: Agreement) -> str:
    number = value(written)
    if how.is_collective and number in COLLECTIVE:
        return COLLECTIVE[number]
    if how.is_ordinal and number < LARGEST:
        return ordinal(number, how.case, how.gender)
    return whole(written, how.case, how.gender)


def read_plain(match: Match[str], context: Context) -> str:
    sign, written, part = match.groups(default="")
    before = "плюс минус " if sign == "±" else SIGNED.get(sign, "")
    if part:
        return before + read_decimal(match, context)
    is_code = written.startswith("0") and written != "0"
    how = Agreement() if is_code else agree(value(written), context, match.start(2), match.end())
    return before + say(written, how)


def read_decimal(match: Match[str], context: Context) -> str:
    """Read "1,5 раза" as полтора, "в 2,5 раза" as две целых пять десятых."""
    labelled = is_labelled(context, match.start(2))
    case = Case.NOMINATIVE if labelled else govern(context, match.start(2)).cases[0]
    head = find_head(2, context, match.end())
    if head and Amount(match[2], match[3]).is_one_and_a_half:
        return one_and_a_half(head.forms[0].gender, case)
    return say_decimal(match[2], match[3], case)


def say_decimal(digits: str, part: str, case: Case) -> str:
    return decimal(value(digits), part, case) if part else whole(digits, case)


def read_left(match: Match[str], context: Context) -> str:
    return whole(match[0])


RULES = [
    Rule("0", POWER, read_power),
    Rule(".", MULTIPLIED, read_multiplied),
    Rule("0", PART_OF_UNIT, read_part),
    Rule("0", FRACTION, read_fraction),
    Rule("0", RATIO, read_ratio),
    Rule("0", STARS, read_stars),
    Rule("0", SECTION, read_section),
    Rule("0", RANGE, read_range),
    Rule("0.", PLAIN, read_plain),
    Rule("0", LEFT, read_left),
]
