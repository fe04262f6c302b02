"""In which case and gender a number is read, and whether as a cardinal or an ordinal."""

import re

from tts.text.russian.grammar.cases import Case, is_few, is_one, row
from tts.text.russian.grammar.counting import cardinal_cases, is_collective, spoken_case
from tts.text.russian.grammar.government import (
    Government,
    govern,
    is_after_genitive_noun,
    list_start,
)
from tts.text.russian.grammar.heads import Head, find_head
from tts.text.russian.grammar.labels import TEXTS, is_labelled
from tts.text.russian.grammar.morphology import forms_of, likeliest
from tts.text.russian.grammar.ordinals import (
    FIRST_YEAR,
    Agreement,
    Counted,
    agree_listed,
    agree_ordinal,
    agree_places,
    agree_year,
    begins_life,
    first,
    is_numbered,
)
from tts.text.russian.tables.government import PLACING
from tts.text.scanning import Context

# Parts of the day, which no hour counts: в 7 вечера.
DAY_PARTS = frozenset(row("утра вечера ночи"))
AT_HOURS = frozenset(row("в во до к ко после около с часов часам часа"))
HOURS = 24
# What is chosen from is counted on: из 7 игр выиграли 5, ещё 2 впереди.
CHOSEN_FROM = re.compile(r"\b[Ии]з\s\d+\s([а-яё]{3,})\b[^.!?;:\d]+(?:\d+[^.!?;:\d]+)?$")
# What has been counted earlier is counted on: 3 пары по 2 тыс. и 1 за 5.
COUNTED_EARLIER = re.compile(r"\b\d+\s([а-яё]{3,})\b[^!?;:]*(?:,|\sи|\sа)\s(?:ещё\s)?$")
LONGEST_CHOICE = 80
# Some of several: на 3 из 8 серверов.
OUT_OF = re.compile(r"\s+из\s+(?:\d+\s+)?[а-яё]{3,}")
# Several things in one: шампунь 3 в 1.
TOGETHER = re.compile(r"\d\s+в\s+$")
FEWEST = 10
TO = re.compile(r"\s+по\s+\d{1,3}(?:-[а-яё]{1,2})?\s+([а-яё]{3,})(?!\w|\.\w)")
# Nouns that measure, and have no genitive for the noun before: высота пять метров.
MEASURES = frozenset(
    row(
        "рубль доллар евро копейка метр километр сантиметр миллиметр литр грамм килограмм тонна"
        " процент градус час минута секунда день неделя месяц год сутки раз тысяча миллион"
        " миллиард гектар балл байт мегабайт гигабайт кубометр человек"
    )
)


def agree(number: int, context: Context, start: int, end: int, is_range: bool = False) -> Agreement:
    """Return how a number that is written from start to end is read where it stands."""
    head = find_head(number, context, end)
    if is_labelled(context, start) and not is_owned(head, context, start):
        return after_label(head) if may_hold(context, start) else Agreement()
    first_start = list_start(context, start)
    government = govern(context, first_start)
    if said := agree_from(government, context, end):
        return said
    if (
        head is None
        and government.word in PLACING
        and (
            OUT_OF.match(context.text, end)
            or TOGETHER.search(context.text, max(0, start - 8), start)
        )
    ):
        return Agreement(Case.PREPOSITIONAL)
    if head is None and number < FEWEST and context.word_before(start) == "цене":
        return Agreement(Case.GENITIVE)  # два по цене одного
    if head is None or is_part_of_day(head, number, government):
        return Agreement(case_alone(number, government), gender_alone(number, context, start))
    counted = Counted(head, government, context, first_start, end)
    return (
        agree_year(counted)
        or agree_places(counted, is_range)
        or agree_listed(counted)
        or agree_cardinal(counted, number)
        or agree_ordinal(counted)
        or Agreement(case_alone(number, government), gender_by_ending(counted))
    )


def after_label(head: Head | None) -> Agreement:
    """A number after its label (дом 5) is in the nominative, whatever follows."""
    if head and head.number != 1:
        for form in head.forms:
            if Case.NOMINATIVE in cardinal_cases(form, head.number):
                return Agreement(gender=form.gender)
    return Agreement()


def is_owned(head: Head | None, context: Context, start: int) -> bool:
    """Tell a label from a noun that has what is counted: заказ 2 столов, выпуск 87 года."""
    if head is None or head.forms[0].lemma in MEASURES - {"год"}:
        return False
    if head.forms[0].lemma == "год":
        is_counted = any(cardinal_cases(form, head.number) for form in head.forms)
        return not is_counted or begins_life(head, context, start)
    is_genitive = any(Case.GENITIVE in cardinal_cases(form, head.number) for form in head.forms)
    return is_genitive and is_after_genitive_noun(context, start)


def agree_from(government: Government, context: Context, end: int) -> Agreement | None:
    """Return the ordinal that begins a span whose noun is at its end: с 5 по 9 класс."""
    found = TO.match(context.text, end)
    if not found or government.word not in ("с", "со"):
        return None
    for form in forms_of(found[1]):
        if form.is_noun and not form.is_plural and form.case is Case.ACCUSATIVE:
            return Agreement(Case.GENITIVE, form.gender, is_ordinal=True)
    return None


def may_hold(context: Context, start: int) -> bool:
    """Tell whether a label names a place, which may have what is counted: на этаже 4 квартиры."""
    before = next(context.before(start, 1), None)
    lemma = likeliest(before.text).lemma if before and before.is_word else ""
    return bool(lemma) and lemma not in TEXTS


def case_alone(number: int, government: Government) -> Case:
    """Return the case of a number whose noun shows none: по одной, по тысяче, but по пять."""
    if government.word == "по" and (is_one(number) or number in (1000, 10**6)):
        return Case.DATIVE
    return government.cases[0]


def gender_alone(number: int, context: Context, start: int) -> str:
    """Return the gender of the noun before an inverted number: минуты через 2, штуки 2."""
    if number % 10 not in (1, 2):
        return "m"
    before = context.text[max(0, start - LONGEST_CHOICE) : start]
    if chosen := CHOSEN_FROM.search(before) or COUNTED_EARLIER.search(before):
        form = forms_of(chosen[1])[0]
        return "m" if form.lemma in MEASURES or not form.is_noun else form.gender
    for token in context.before(start, 2):
        noun = next((form for form in forms_of(token.text) if form.is_noun), None)
        if not token.is_word or not token.text.islower():
            break
        if noun is not None:
            is_counted = noun.case is Case.GENITIVE and (noun.is_plural or is_few(number))
            return noun.gender if is_counted else "m"
    return "m"


def is_part_of_day(head: Head, number: int, government: Government) -> bool:
    return head.word in DAY_PARTS and number <= HOURS and government.word in AT_HOURS


def gender_by_ending(counted: Counted) -> str:
    """Return the gender of a noun that the dictionary does not know: нет 1 паллеты."""
    is_genitive = counted.government.cases[0] is Case.GENITIVE and is_one(counted.head.number)
    return "f" if is_genitive and counted.head.word.endswith(("ы", "и")) else "m"


def agree_cardinal(counted: Counted, number: int) -> Agreement | None:
    """Return the cardinal that fits the noun's form and what governs it."""
    head, government = counted.head, counted.government
    options = [(case, form) for form in head.forms for case in cardinal_cases(form, head.number)]
    wished = government.cases
    if government.word == "по":
        wished = (*wished, Case.NOMINATIVE)  # по три человека
    is_odd = government.is_preposition and not {case for case, _ in options} & {*wished}
    if not options or is_odd or is_numbered(counted):
        return None
    if government.is_free and counted.lemma not in MEASURES:
        is_genitive = is_after_genitive_noun(counted.context, counted.start)
        wished = (Case.GENITIVE, *wished) if is_genitive else wished
    if government.is_free and is_age(counted):
        wished = (Case.GENITIVE, *wished)
    if government.word == "по" and is_one(number):
        wished = (Case.DATIVE, *wished)
    chosen = first(wished, (case for case, _ in options))
    case, form = next(option for option in options if chosen in (None, option[0]))
    if is_collective(form, number, () if government.is_free else government.cases):
        return Agreement(gender=form.gender, is_collective=True)
    is_person = form.part == "PRTF" and government.cases[0] is Case.ACCUSATIVE
    if is_person and is_few(head.number) and number < FIRST_YEAR:
        return Agreement(Case.GENITIVE)  # задержали двух подозреваемых
    if is_one(head.number) and spoken_case(case, form) is not case:
        return Agreement(case, "a")
    if is_few(head.number):
        case = spoken_case(case, form)
    return Agreement(case, "p" if form.is_paired else form.gender)


def is_age(counted: Counted) -> bool:
    """Tell the age of a person from a time: детей 3–5 лет, but отец 5 лет работал."""
    if counted.lemma != "год" or counted.head.adjectives:
        return False
    before = next(counted.context.before(counted.start, 1), None)
    person = likeliest(before.text) if before is not None and before.is_word else None
    if person is None or not (person.is_noun and person.is_animate) or person.case is Case.DATIVE:
        return False
    written = counted.context.text[counted.start : counted.end]
    if person.case is not Case.NOMINATIVE or not written.isdecimal():
        return True  # дети 6–7 лет
    found = counted.context.text.find(counted.head.word, counted.end)
    after = likeliest(counted.context.word_after(found + len(counted.head.word)) or "-")
    return "perf" in after.tags or after.part in ("", "PREP")
