"""Streets, towns and buildings by their short forms, in the case in which they stand."""

import re
from re import Match

from tts.text.russian.grammar.cases import Case, row
from tts.text.russian.grammar.government import govern
from tts.text.russian.grammar.morphology import decline, forms_of, gender_of
from tts.text.russian.grammar.noun_cases import case_of_noun, follows_noun
from tts.text.russian.tables.abbreviations import AFTER_ADJECTIVE, BEFORE_NAME, BUILDINGS
from tts.text.scanning import Context, Rule, full_stop

BUILDING = re.compile(r"(?<![\w-])(стр|строен|к|корп)\.?\s*(?=\d)", re.IGNORECASE)
ATTACHED = re.compile(r"(?<=\d)(к|корп|с|стр|лит)\.?\s?(?=\d{1,2}(?!\d))")
HOUSE = re.compile(r"\d\s?[а-яё]?,?\s*$", re.IGNORECASE)
STREET = re.compile(
    r"(?:\bул\b|\bд\.|пр-т|просп|\bпр\.|\bпер\b|\bнаб\b|шоссе|\bш\.|б-р|бульвар|улиц|проспект|переул"
    r"|\bдом(?:а|е|у|ом)?\b|\bплощад|\bпл\.|проезд|пр-д|пр-кт|\bг\.)[^!?\n]{0,60}$",
    re.IGNORECASE,
)
# The house is followed by a comma, or by the building without a space.
STREET_AND_HOUSE = re.compile(r"(?<!\w)[А-ЯЁ][а-яё-]{3,},?\s+\d{1,3}[а-яА-Я]?(?:,\s*)?$")
NAME = re.compile(r"\s*(?:им\.\s*)?[«\"]?[А-ЯЁA-Z][\w-]")
NUMBER = re.compile(r"\s*\d")
# Places whose names are declined together with them: в город Тулу, but на улицу Пушкина.
DECLINED_TOO = frozenset(row("город деревня село посёлок хутор река остров республика"))
# The endings of surnames that look like adjectives, as in Невский проспект.
ADJECTIVAL = ("ий", "ый", "ой", "ая", "яя", "ом", "ем", "ую", "ого")
LONGEST_ADDRESS = 80
LONGEST_STREET = 40
OBLIQUE = (
    Case.GENITIVE, Case.DATIVE, Case.ACCUSATIVE, Case.INSTRUMENTAL, Case.PREPOSITIONAL,
)  # fmt: skip


def is_in_address(context: Context, position: int) -> bool:
    before = context.text[max(0, position - LONGEST_ADDRESS) : position]
    return STREET.search(before) is not None


def is_building(context: Context, position: int) -> bool:
    """Tell whether an address precedes, or a street without its word: на Заводской, 3."""
    before = context.text[max(0, position - LONGEST_STREET) : position]
    return is_in_address(context, position) or STREET_AND_HOUSE.search(before) is not None


def read_before_name(short: str, match: Match[str], context: Context) -> str | None:
    """Read "ул. Ленина", "г. Москва", "д. Ивановка", "ул. 8 Марта"."""
    if short not in BEFORE_NAME:
        return None
    is_street = short in AFTER_ADJECTIVE
    is_numbered = is_street and NUMBER.match(match.string, match.end())
    if not is_numbered and not NAME.match(match.string, match.end()):
        return None
    noun, name = BEFORE_NAME[short], context.word_after(match.end())
    return decline(noun, case_with_name(noun, name, match.start(), context))


def case_with_name(noun: str, name: str, position: int, context: Context) -> Case:
    """Return the case of a noun before its name, which shows it where it is declined too."""
    forms = forms_of(name or "-")
    shown = {form.case for form in forms if form.is_noun}
    if govern(context, position).is_preposition:
        if forms[0].is_adjective:
            shown = {form.case for form in forms if form.gender == gender_of(noun)}
        elif noun not in DECLINED_TOO:
            shown = set()
        case = case_of_noun(context, position)
        return case if Case.NOMINATIVE in shown else shown_case(position, context, shown)
    if noun in DECLINED_TOO and forms[0].is_noun and not shown & {Case.NOMINATIVE, None}:
        oblique = [case for case in OBLIQUE if case in shown]
        return oblique[0] if oblique else Case.GENITIVE
    tokens = list(context.before(position, 2))
    before = next(iter(tokens), None)
    if before is not None and noun in DECLINED_TOO and forms_of(before.text)[0].is_animate:
        is_first = len(tokens) == 1 or tokens[1].text in ".!?"
        return Case.GENITIVE if is_first or before.text[0].islower() else Case.NOMINATIVE
    if before is None or before.text[0].isupper() or not follows_noun(context, position):
        return Case.NOMINATIVE
    if "-" in before.text:
        return Case.GENITIVE  # в р-не ст. Разъезд
    return (
        Case.GENITIVE if Case.GENITIVE in shown or Case.NOMINATIVE not in shown else Case.NOMINATIVE
    )


def shown_case(position: int, context: Context, shown: set[Case | None]) -> Case:
    """Return the case that a preposition and the forms of a name have in common."""
    government = govern(context, position)
    wished = (case_of_noun(context, position), *government.cases)
    others = () if government.is_preposition else (Case.GENITIVE, Case.PREPOSITIONAL, Case.DATIVE)
    return next((case for case in (*wished, *others) if case in shown), wished[0])


def read_after_adjective(short: str, match: Match[str], context: Context) -> str | None:
    """Read "Невский пр.", "на Тверской ул.", "Московская обл."."""
    before = next(context.before(match.start(), 1), None)
    is_named = before is not None and before.is_word and before.text[0].isupper()
    if before is None or not is_named or short not in AFTER_ADJECTIVE:
        return None
    noun = BEFORE_NAME[short]
    looks_adjectival = before.text.lower().endswith(ADJECTIVAL)
    cases = {
        form.case
        for form in forms_of(before.text)
        if form.gender == gender_of(noun) and not form.is_plural
        if form.is_adjective or looks_adjectival
    }
    if not cases - {None}:
        return None
    return decline(noun, shown_case(before.start, context, cases)) + full_stop(match, context)


def read_building(match: Match[str], context: Context) -> str | None:
    """Read стр. and к. as parts of an address where they follow a house number."""
    before = context.text[max(0, match.start() - 8) : match.start()]
    if not HOUSE.search(before) or not is_building(context, match.start()):
        return None
    return f" {BUILDINGS[match[1].lower()]} "


RULES = [Rule("я", ATTACHED, read_building), Rule("я", BUILDING, read_building)]
