"""Which numbers are ordinals: of years, of places and of what is numbered rather than counted."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tts.text.russian.grammar.cases import DIRECT, Case, is_few, is_one, row
from tts.text.russian.grammar.counting import cardinal_cases
from tts.text.russian.grammar.government import Government
from tts.text.russian.grammar.heads import Head
from tts.text.russian.grammar.labels import COUNTED_TOO, LABELS, MAX_LISTED, NUMBERED
from tts.text.russian.grammar.morphology import forms_of
from tts.text.russian.tables.government import PLACING, Cases
from tts.text.scanning import Context

FIRST_YEAR = 1000
# Two digits of a year, and the prepositions after which years would be лет.
FEWEST_YEARS = 10
SINCE = frozenset(row("с со до от после"))
BEGINNING = re.compile(
    r"\d+\sгода?\s(?:рождени|постройк|выпуск|издани|основани|сборк|урожа|призыв)"
)
# The other numbers of a list, of which the last has the noun.
LISTED_BEHIND = re.compile(r"(?:\s*,\s*\d+)*\s+и\s+\d+\s")
# Places of which two are named by a range: на 4–5 этажах.
LOCATED = frozenset(row("этаж класс курс ряд семестр вагон подъезд"))


@dataclass(frozen=True)
class Agreement:
    """How a number is read: in a case and gender, and as which numeral.

    The gender is "p" for the plural, and "a" for masculine living beings.
    """

    case: Case = Case.NOMINATIVE
    gender: str = "m"
    is_ordinal: bool = False
    is_collective: bool = False


@dataclass(frozen=True)
class Counted:
    """A number with its noun and what governs both."""

    head: Head
    government: Government
    context: Context
    start: int
    end: int

    @property
    def lemma(self) -> str:
        return self.head.forms[0].lemma

    def in_singular(self, case: Case) -> bool:
        return any(form.case is case and not form.is_plural for form in self.head.forms)


def agree_year(counted: Counted) -> Agreement | None:
    """Years are numbered and not counted, though 2024 года looks like 4 года."""
    head = counted.head
    if not head.word.startswith("год") or not is_year(counted):
        return None
    # 1990 годах: the plural is of several years, each of which is in the singular.
    cases = [form.case for form in head.forms if form.case is not None]
    case = first(counted.government.cases, cases)
    return Agreement(cases[0] if case is None else case, is_ordinal=True)


def is_year(counted: Counted) -> bool:
    """Tell the number of a year from a number of years, which are лет: 97 годов, с 64 года."""
    head, word = counted.head, counted.government.word
    if head.number >= FIRST_YEAR or head.word == "годов":
        return True
    is_since = head.word == "года" and head.number >= FEWEST_YEARS and word in SINCE
    return is_since or begins_life(head, counted.context, counted.start)


def begins_life(head: Head, context: Context, start: int) -> bool:
    """Tell the year of a beginning from years: 54 года постройки."""
    return BEGINNING.match(context.text, start) is not None


def agree_places(counted: Counted, is_range: bool) -> Agreement | None:
    """Return the ordinal of one of two places: между 12 и 13 кабинетами, на 4–5 этажах."""
    is_pair = is_range or is_listed_by_and(counted)
    is_several = all(form.is_plural for form in counted.head.forms)
    if not is_pair or not counted.government.is_preposition or not is_several:
        return None
    if is_range:
        places = LOCATED
    else:
        is_between = counted.government.word == "между"
        places = NUMBERED | LABELS if is_between else NUMBERED - COUNTED_TOO
    if counted.lemma not in places:
        return None
    case = first(counted.government.cases, (one.case for one in counted.head.forms if one.case))
    if case is None or (is_range and case is not Case.PREPOSITIONAL):
        return None
    return Agreement(case, counted.head.forms[0].gender, is_ordinal=True)


def agree_listed(counted: Counted) -> Agreement | None:
    """Return the ordinal of one of several that are named: заняли 1, 2 и 3 места."""
    if counted.head.word == "числа" and is_listed_by_and(counted):
        return Agreement(Case.GENITIVE, "n", is_ordinal=True)  # платежи 5, 15 и 25 числа
    is_counted = any(cardinal_cases(form, counted.head.number) for form in counted.head.forms)
    is_place = counted.lemma in NUMBERED | LABELS or not is_counted
    if counted.government.is_preposition or not is_place:
        return None
    plural = [form for form in counted.head.forms if form.is_plural]
    case = first(counted.government.cases, (one.case for one in plural if one.case in DIRECT))
    is_group = counted.lemma in NUMBERED - COUNTED_TOO and is_after_noun(counted)
    if case is None and is_group and any(form.case is Case.GENITIVE for form in plural):
        case = Case.GENITIVE  # ученики 5, 6 и 7 классов
    if case is None or not is_listed_by_and(counted):
        return None
    return Agreement(case, counted.head.forms[0].gender, is_ordinal=True)


def is_listed_by_and(counted: Counted) -> bool:
    """Tell whether numbers of one list have the noun together: 3, 17 и 41 автобусы."""
    if LISTED_BEHIND.match(counted.context.text, counted.end):
        return True
    before = [token.text for token in counted.context.before(counted.start, 2)]
    return len(before) == 2 and before[0] == "и" and before[1].isdecimal()


def first_of_list(context: Context, position: int) -> int:
    """Return where a list of numbers begins: the 5 of "5, 6 и 7 классов"."""
    tokens = list(context.before(position, MAX_LISTED))
    for joint, number in zip(tokens[::2], tokens[1::2], strict=False):
        if joint.text not in (",", "и") or not number.is_number:
            break
        position = number.start
    return position


def agree_ordinal(counted: Counted) -> Agreement | None:
    """Return the ordinal that agrees with a noun in the singular: на 5 этаже."""
    head = counted.head
    singular = [form for form in head.forms if not form.is_plural and form.case is not None]
    if head.adjectives:
        cases = {(one.case, one.gender) for one in head.adjectives if not one.is_plural}
        singular = [form for form in singular if (form.case, form.gender) in cases]
    chosen = first(
        counted.government.cases, (form.case for form in singular if form.case is not None)
    )
    if not singular or (chosen is None and counted.government.is_preposition):
        return None
    form = next((one for one in singular if one.case is chosen), singular[0])
    return Agreement(form.case or Case.NOMINATIVE, form.gender, is_ordinal=True)


def is_numbered(counted: Counted) -> bool:
    """Tell whether a number that could count its noun numbers it: на 1 этаже, ученики 3 класса."""
    lemma, number = counted.lemma, counted.head.number
    if lemma not in NUMBERED or all(form.is_plural for form in counted.head.forms):
        return False
    is_at_place = counted.government.word in ("в", "во", "на") and counted.in_singular(
        Case.PREPOSITIONAL
    )
    if is_one(number):
        return is_first(counted, number) if lemma not in COUNTED_TOO else is_at_place
    if not is_few(number) or lemma in COUNTED_TOO:
        return False
    return is_at_place or (counted.government.is_free and is_after_noun(counted))


def is_first(counted: Counted, number: int) -> bool:
    """Tell "1 класс" from the object of a verb: "ехать 1 станцию"."""
    if counted.government.is_preposition:
        return True
    is_object = counted.in_singular(Case.ACCUSATIVE) and not counted.in_singular(Case.NOMINATIVE)
    return number < 100 and not is_object


def is_after_noun(counted: Counted) -> bool:
    """Tell whether the people or things of a class are named before: ученики 3 класса."""
    start = first_of_list(counted.context, counted.start)
    words = [token.text for token in counted.context.before(start, 2)]
    if not words or not forms_of(words[0])[0].is_noun:
        return False
    return not (len(words) > 1 and words[1].lower() in PLACING)


def first(wished: Cases, possible: Iterable[Case]) -> Case | None:
    found = set(possible)
    return next((case for case in wished if case in found), None)
