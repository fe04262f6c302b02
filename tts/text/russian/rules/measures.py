"""Amounts of money and measures: numbers with units, alone, in ranges and in sizes."""

import re
from collections.abc import Iterable
from re import Match

from tts.text.russian.grammar.agreement import case_alone
from tts.text.russian.grammar.cases import Case, is_one
from tts.text.russian.grammar.government import govern, has_object_verb
from tts.text.russian.grammar.labels import is_labelled
from tts.text.russian.grammar.morphology import decline, forms_of, likeliest
from tts.text.russian.rules.amounts import Amount, Unit, say_alone, say_amount, unit_of
from tts.text.russian.rules.senses import is_countable, sense_of
from tts.text.russian.tables.government import LOCATING, NEARBY
from tts.text.russian.tables.units import MONEY, PER, UNITS
from tts.text.scanning import Context, Rule, full_stop


def alternatives(names: Iterable[str]) -> str:
    return "|".join(map(loose, sorted(names, key=len, reverse=True)))


def loose(name: str) -> str:
    """Return a pattern for a unit that may be written with or without its spaces and dots."""
    return re.escape(name).replace(r"\.\ ", rf"\.?{GAP}").replace(r"\ ", GAP)


GAP = r"[ \u00a0\u202f]?"
START = r"(?<![\w.,])"
WHOLE = r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d|-[А-ЯЁ])|\d+"
NUMBER = rf"(?P<digits>{WHOLE})(?:[.,](?P<part>\d+))?"
SIGN = r"(?P<sign>[–−+-](?=\d))?"
# Right after the number, and before roubles, т and к are thousands too: "10к", "5 т.р.".
TIMES = (
    rf"(?:{GAP}(?P<times>(?:тыс|млн|млрд|трлн|мн)\.?(?![а-яё])|[тк]\.?(?={GAP}(?:р\b|руб|₽))"
    r"|(?<=\d)[кkK](?!\w)))?"
)
MONEY_NAME = rf"{GAP}(?P<money>{alternatives(MONEY)})(?!-?[а-яёa-z])\.?"
UNIT_NAME = rf"{GAP}(?P<unit>{alternatives(UNITS)})(?![\w²³])\.?"
PER_NAME = rf"(?:{GAP}/{GAP}(?P<per>{alternatives(PER)})(?![\w²³])\.?)?"
AMOUNT = rf"{TIMES}(?:{MONEY_NAME}|{UNIT_NAME})?{PER_NAME}"
DASH = r"\s?(?:[–—-]|\.{2,3}|…)\s?"
SIDE = r"\d+(?:[.,]\d+)?"
BY = r"\s?[xXхХ×*]\s?"

PREFIXED = re.compile(rf"(?P<money>[$€£¥₽₴]){GAP}{NUMBER}{TIMES}(?!\d)", re.IGNORECASE)
MEASURE = re.compile(rf"{START}{SIGN}{NUMBER}{AMOUNT}(?!\d)")
UPPER_MONEY = re.compile(rf"{START}{SIGN}{NUMBER}{TIMES}{MONEY_NAME}{PER_NAME}", re.IGNORECASE)
THOUSANDS = re.compile(rf"{START}{NUMBER}{GAP}т\.?(?=\s[а-яё])")
RANGE = re.compile(
    rf"{START}(?P<low_sign>[–−+-](?=\d))?(?P<low>{WHOLE})(?:[.,](?P<low_part>\d+))?%?{DASH}"
    rf"{SIGN}{NUMBER}(?![\d:/]|[.,]\d){AMOUNT}"
)
SIZE = re.compile(rf"{START}(?P<others>{SIDE}{BY}(?:{SIDE}{BY})?){NUMBER}{AMOUNT}(?!\d)")
POWERED = re.compile(rf"(?<!\w)({alternatives(name for name in UNITS if name[-1] in '²³')})(?!\w)")
INCHES = re.compile(rf"{START}{NUMBER}[\"″](?!\w)")
NUMBER_PARTS = re.compile(r"(\d+)(?:[.,](\d+))?")
SIGNED = {"-": "минус ", "–": "минус ", "−": "минус ", "+": "плюс "}
# What has a measure in the genitive: стоимость одного метра, but цена пять рублей.
PRICES = frozenset(("стоимость", "стоимости", "цена", "цены", "цену"))
# What makes of "в 5 км" a place.
WAYS = frozenset(("ходьбы", "езды", "пути", "лёта"))
PLACED = frozenset(("от", "к", "до", "севернее", "южнее", "западнее", "восточнее"))


def amount_in(match: Match[str]) -> Amount:
    return Amount(match["digits"], match["part"] or "")


def unit_in(match: Match[str], context: Context) -> Unit | None:
    """Return the unit of an amount, None where there is none or its letters mean something else."""
    groups = match.groupdict("")
    times, money, unit, per = (groups.get(name, "") for name in ("times", "money", "unit", "per"))
    if not (times or money or unit) or (per and not (money or unit)):
        return None
    other = sense_of(match, context, money.lower() or unit)
    if other is not None:
        return unit_of(times, "", other, per) if other else None
    return unit_of(times, money, unit, per)


def read_amount(match: Match[str], context: Context) -> str | None:
    """Read "5 км", "−5 °C", "2,5 млн руб.", "$5", "60 км/ч"."""
    unit = unit_in(match, context)
    if unit is None:
        return None
    case = unit_case(match, context, unit)
    said = say_amount(amount_in(match), unit, case)
    sign = SIGNED.get(match.groupdict("").get("sign", ""), "")
    return f"{sign}{said}{full_stop(match, context)}"


def unit_case(match: Match[str], context: Context, unit: Unit) -> Case:
    """Return the case of an amount: its unit shows none, so that only what is before counts."""
    start, amount = match.start(), amount_in(match)
    if is_labelled(context, start):
        return Case.NOMINATIVE
    government = govern(context, start)
    if not unit.hundredth and context.word_before(start) in PRICES:
        return Case.GENITIVE
    case = government.cases[0] if amount.part else case_alone(amount.number, government)
    if unit.name == "человек" and case is Case.ACCUSATIVE:
        is_living = government.is_preposition and is_one(amount.number) and not unit.times
        return Case.GENITIVE if is_living else Case.NOMINATIVE
    if government.is_free and is_one(amount.number) and unit.name != "человек":
        return Case.ACCUSATIVE if has_object_verb(context, start) else case
    if government.word in ("в", "во") and is_place(match, context, unit):
        return Case.PREPOSITIONAL
    return case


def is_place(match: Match[str], context: Context, unit: Unit) -> bool:
    """Tell "в 5 км от" and "в 5% случаев" from "в 5 раз": only these are prepositional."""
    after = context.word_after(match.end()).lower()
    if unit.name == "процент":
        return bool(after) and forms_of(after)[0].case is Case.GENITIVE
    if unit.name == "минута":
        return after in PLACED or after in WAYS
    if unit.name in ("экземпляр", "том"):
        return True
    return "метр" in unit.name and (after in PLACED or is_near(match, context))


def is_near(match: Match[str], context: Context) -> bool:
    """Tell the distance of a place from a length: остановка в 150 м, but тоннель в 3 км."""
    words = [token.text for token in context.before(match.start(), 3)][1:]
    forms = [likeliest(word) for word in words]
    if not forms or context.word_after(match.end()):
        return False
    is_place = forms[0].is_noun and forms[0].lemma in NEARBY
    return is_place or any(form.lemma in LOCATING for form in forms)


def read_thousands(match: Match[str], context: Context) -> str | None:
    """Read "8 т слов" as thousands."""
    if not is_countable(context.word_after(match.end())):
        return None
    unit = Unit(times="тысяча")
    return say_amount(amount_in(match), unit, unit_case(match, context, unit))


def read_range(match: Match[str], context: Context) -> str | None:
    """Read "5–10 км" as от пяти до десяти километров, after a preposition as пять десять."""
    low, high = Amount(match["low"], match["low_part"] or ""), amount_in(match)
    is_signed = match["low_sign"] in ("-", "–", "−") or match["sign"] is not None
    if (low.size >= high.size and not is_signed) or (low.is_code and not low.part):
        return None
    unit = unit_in(match, context)
    if unit is None or is_labelled(context, match.start()):
        return None
    word = govern(context, match.start()).word
    low_sign, high_sign = (SIGNED.get(match[name] or "", "") for name in ("low_sign", "sign"))
    if govern(context, match.start()).is_preposition and word not in ("от", "с", "до"):
        case = unit_case(match, context, unit)
        said = f"{low_sign}{say_alone(low, unit, case)} {high_sign}{say_amount(high, unit, case)}"
        return said + full_stop(match, context)
    first = f"{low_sign}{say_alone(low, unit, Case.GENITIVE)}"
    last = f"{high_sign}{say_amount(high, unit, Case.GENITIVE)}"
    before = "" if word in ("от", "с") else "от "
    return f"{before}{first} до {last}{full_stop(match, context)}"


def read_size(match: Match[str], context: Context) -> str:
    """Read "5х4 м", "30×20×10 см"."""
    others = NUMBER_PARTS.findall(match["others"])
    said = [say_alone(Amount(*parts), Unit(), Case.NOMINATIVE) for parts in others]
    groups = match.groupdict("")
    unit = unit_of(*(groups[name] for name in ("times", "money", "unit", "per")))
    said.append(say_amount(amount_in(match), unit, Case.NOMINATIVE))
    return " на ".join(said) + full_stop(match, context)


def read_powered(match: Match[str], context: Context) -> str:
    """Read a unit that has no number: "цена за м²"."""
    return decline(UNITS[match[1]], govern(context, match.start()).cases[0])


def read_inches(match: Match[str], context: Context) -> str | None:
    """Read 27" as inches, unless the quote closes what another has opened."""
    line = match.string.rfind("\n", 0, match.start()) + 1
    if match.string.count('"', max(line, match.start() - 100), match.start()) % 2:
        return None
    unit = Unit("дюйм")
    return say_amount(amount_in(match), unit, unit_case(match, context, unit))


RULES = [
    Rule("я", POWERED, read_powered),
    Rule("0", INCHES, read_inches),
    Rule("0", SIZE, read_size),
    Rule(".", PREFIXED, read_amount),
    Rule("0.", RANGE, read_range),
    Rule("0", THOUSANDS, read_thousands),
    Rule("0.", MEASURE, read_amount),
    Rule("0.", UPPER_MONEY, read_amount),
]
