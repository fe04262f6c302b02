"""Days of the week and months by their short forms."""

import re
from re import Match

from tts.text.russian.grammar.cases import Case
from tts.text.russian.grammar.government import govern
from tts.text.russian.grammar.morphology import decline, forms_of, gender_of
from tts.text.russian.grammar.noun_cases import case_of_noun, chain_start
from tts.text.russian.tables.calendar import MONTH_NAMES, MONTH_SHORTS, WEEKDAYS
from tts.text.scanning import Context, Rule, full_stop

START = r"(?<![\w-])"
NAMES = "|".join(WEEKDAYS)
STEMS = [name[:4] for name in WEEKDAYS.values()]
WEEKDAY = re.compile(rf"{START}({NAMES})(?![\w-])(?:\.(?!\w))?(?!\.)", re.IGNORECASE)
SPAN = re.compile(rf"{START}({NAMES})\.?\s?[–—-]\s?({NAMES})(?!\w)\.?", re.IGNORECASE)
MONTH = re.compile(rf"{START}({'|'.join(MONTH_SHORTS)})\.(?!\w)", re.IGNORECASE)
DAY_NEAR = re.compile(rf"(?<!\w)(?:{NAMES})(?!\w)", re.IGNORECASE)
TIME_NEAR = re.compile(r"[,:]?\s+\d")
# Short forms that are other words as well, and are days only where the context shows it.
AMBIGUOUS = frozenset(("ср", "вс", "сб", "вт"))
NEAR = 9
SINCE = re.compile(rf"\b[сС]о?\s(?:{NAMES}|{'|'.join(STEMS)})[а-яё]*\.?\s+по\s+$")
LONGEST_SPAN = 24


def read_weekday(match: Match[str], context: Context) -> str | None:
    """Read "в пн", "до ср.", "пн, вт: 9–18"."""
    name = match[1].lower()
    government = govern(context, list_start(context, match.start()))
    if case := case_of_adjective(name, match, context):
        return decline(WEEKDAYS[name], case) + full_stop(match, context)
    if not government.is_preposition and not is_day(match, context):
        return None
    if government.word == "по" and SINCE.search(match.string[: match.start()][-LONGEST_SPAN:]):
        return decline(WEEKDAYS[name], Case.ACCUSATIVE) + full_stop(match, context)
    if government.word == "по":
        return decline(WEEKDAYS[name], Case.DATIVE, is_plural=True) + full_stop(match, context)
    case = government.cases[0] if government.is_preposition else Case.NOMINATIVE
    return decline(WEEKDAYS[name], case) + full_stop(match, context)


def case_of_adjective(name: str, match: Match[str], context: Context) -> Case | None:
    """Return the case that an adjective before shows: каждую ср., в прошлый пн."""
    before = next(context.before(match.start(), 1), None)
    chain = chain_start(context, match.start())
    if chain < match.start():
        return govern(context, chain).cases[0]  # к след. пн
    if before is None or not before.is_word:
        return None
    gender = gender_of(WEEKDAYS[name])
    shown = [
        form.case
        for form in forms_of(before.text)
        if form.is_adjective and form.gender == gender and not form.is_plural
    ]
    if not shown or not forms_of(before.text)[0].is_adjective:
        return None
    return Case.ACCUSATIVE if Case.ACCUSATIVE in shown else shown[0]


def list_start(context: Context, position: int) -> int:
    """Return where the list of weekdays begins that a weekday is in: на пн и ср."""
    for token in context.before(position, 8):
        if token.text.lower() in WEEKDAYS:
            position = token.start
        elif token.text not in (",", ".", "и", "или"):
            break
    return position


def is_day(match: Match[str], context: Context) -> bool:
    """Tell a day without a preposition from another word, such as ср. (средний)."""
    before = match.string[max(0, match.start() - NEAR) : match.start()]
    after = match.string[match.end() : match.end() + NEAR]
    word = context.word_after(match.end())
    if match[0].endswith(".") and word[:1].islower() and forms_of(word)[0].case is not None:
        return False
    if DAY_NEAR.search(before) or DAY_NEAR.search(after) or TIME_NEAR.match(after):
        return True
    is_apart = (
        not before.strip() or before.rstrip()[-1] in ",.-—" or after.strip()[:1] in (*":,–-—",)
    )
    return is_apart or (match[1].lower() not in AMBIGUOUS and not match[1].isupper())


def read_span(match: Match[str], context: Context) -> str:
    """Return с понедельника по пятницу."""
    first, last = (WEEKDAYS[name.lower()] for name in match.groups())
    is_begun = context.word_before(match.start()) in ("с", "со")
    before = "" if is_begun else "со " if first.startswith("вт") else "с "
    said = f"{before}{decline(first, Case.GENITIVE)} по {decline(last, Case.ACCUSATIVE)}"
    return said + full_stop(match, context)


def read_month(match: Match[str], context: Context) -> str:
    """Read a month that no day precedes: "в янв. 2024"."""
    month = MONTH_NAMES[MONTH_SHORTS[match[1].lower()] - 1]
    is_object = govern(context, match.start()).word == "за"
    case = Case.ACCUSATIVE if is_object else case_of_noun(context, match.start())
    return decline(month, case) + full_stop(match, context)


RULES = [
    Rule("я", SPAN, read_span),
    Rule("я", WEEKDAY, read_weekday),
    Rule("я", MONTH, read_month),
]
