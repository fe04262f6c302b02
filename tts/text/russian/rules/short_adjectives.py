"""Abbreviated titles and adjectives, in the form of their noun: проф. Иванов, гл. врача."""

from collections.abc import Iterable
from re import Match

from tts.text.russian.grammar.cases import Case
from tts.text.russian.grammar.government import govern
from tts.text.russian.grammar.morphology import (
    Form,
    agreeing,
    decline,
    forms_of,
    gender_of,
    likeliest,
)
from tts.text.russian.grammar.noun_cases import MAX_CHAIN, case_of_noun, chain_start, follows_noun
from tts.text.russian.tables.abbreviations import (
    ADJECTIVES,
    BEFORE_NAME,
    BY_ROLE,
    NOUNS,
    TIME_PARTS,
    TITLES,
)
from tts.text.russian.tables.calendar import WEEKDAYS
from tts.text.scanning import Context

# Titles before a rank or a trade as well as a name: тов. майор.
ADDRESSED = frozenset(("тов", "г-н", "г-жа", "гр-н"))


def read_title(short: str, match: Match[str], context: Context) -> str | None:
    """Read "проф. Иванов", "по словам акад. Петрова"."""
    word = context.word_after(match.end())
    is_rank = short in ADDRESSED and bool(word) and forms_of(word)[0].is_animate
    if short not in TITLES or not (word[:1].isupper() or is_rank):
        return None
    forms = forms_of(surname_after(context, match.end()))
    if short == "св":
        nouns = [form for form in forms if form.is_noun and form.case is not None]
        return (
            agree_adjective(TITLES[short], chosen_form(nouns, match.start(), context))
            if nouns
            else None
        )
    cases = [
        form.case for form in forms if form.is_noun and not form.is_plural and form.case is not None
    ]
    return decline(TITLES[short], agreed_case(cases, match.start(), context))


def surname_after(context: Context, position: int) -> str:
    """Return the surname behind initials: проф. И. П. Петрова."""
    words = [token.text for token in context.after(position, 6) if token.is_word]
    return next((word for word in words if len(word) > 1), words[0])


def agreed_case(cases: list[Case], position: int, context: Context) -> Case:
    """Return the case of a title, which is that of the surname."""
    government = govern(context, position)
    if government.is_preposition:
        return next((case for case in government.cases if case in cases), government.cases[0])
    order = [Case.NOMINATIVE, Case.GENITIVE, Case.DATIVE, Case.INSTRUMENTAL, Case.ACCUSATIVE]
    if follows_noun(context, position) or follows_place(context, position):
        order.insert(0, Case.GENITIVE)
    return next((case for case in order if case in cases), Case.NOMINATIVE)


def read_adjective(short: str, match: Match[str], context: Context) -> str | None:
    """Read "ген. директор", "гл. врача", "юр. лица" by the noun behind."""
    full, words = ADJECTIVES.get(short), words_after(match, context)
    if full and (noun := short_noun_after(match, context)):
        case = chain_case(noun, context, match.start())
        return agree_adjective(
            full, Form("ADJF", full, case, False, gender_of(noun), False, frozenset(), 1.0)
        )
    if not full or not words or not (words[0][0].islower() or words[0].isupper()):
        return None
    nouns = nouns_in(words[:1])
    if not nouns and forms_of(words[0])[0].is_adjective:
        nouns = nouns_in(words[1:])
    return agree_adjective(full, chosen_form(nouns, match.start(), context)) if nouns else None


def short_noun_after(match: Match[str], context: Context) -> str:
    """Return the noun of a chain of abbreviations: мл. науч. сотр., гл. ред."""
    tokens = list(context.after(match.end(), 2 * MAX_CHAIN))
    for word, dot in zip(tokens[::2], tokens[1::2], strict=False):
        short = word.text.lower()
        if dot.text != "." or not word.is_word:
            return WEEKDAYS.get(short, "")
        if short not in ADJECTIVES or short in BY_ROLE:
            return BY_ROLE.get(short) or NOUNS.get(short) or WEEKDAYS.get(short, "")
    return ""


def chain_case(noun: str, context: Context, position: int) -> Case:
    """Return the case of a chain of abbreviations, by what is before its first."""
    start = chain_start(context, position)
    government = govern(context, start)
    if noun in WEEKDAYS.values():
        return government.cases[0]
    if government.word in ("с", "со") and likeliest(noun).is_animate:
        return Case.INSTRUMENTAL
    if not government.is_preposition and follows_noun(context, start):
        return Case.GENITIVE
    return case_of_noun(context, start)


def words_after(match: Match[str], context: Context) -> list[str]:
    return [token.text for token in context.after(match.end(), 2) if token.is_word]


def nouns_in(words: Iterable[str]) -> list[Form]:
    return [
        form for word in words for form in forms_of(word) if form.is_noun and form.case is not None
    ]


def chosen_form(nouns: list[Form], position: int, context: Context) -> Form:
    government = govern(context, position)
    wished: tuple[Case, ...] = government.cases if government.is_preposition else ()
    if not wished:
        is_owned = follows_noun(context, position) or follows_short_noun(context, position)
        wished = (Case.GENITIVE if is_owned else Case.NOMINATIVE,)
    return next((one for case in wished for one in nouns if one.case is case), nouns[0])


def follows_short_noun(context: Context, position: int) -> bool:
    """Tell whether an abbreviated noun is before: в нач. след. недели."""
    tokens = [token.text.lower() for token in context.before(position, 2)]
    return len(tokens) == 2 and tokens[0] == "." and tokens[1] in {*NOUNS, *TIME_PARTS}


def follows_place(context: Context, position: int) -> bool:
    """Tell whether a street is named after a person: ул. акад. Королёва."""
    tokens = [token.text.lower() for token in context.before(position, 2)]
    return len(tokens) == 2 and tokens[0] == "." and tokens[1] in BEFORE_NAME


def agree_adjective(full: str, form: Form) -> str:
    """Return an adjective, maybe with its adverb, in the form of its noun."""
    case = form.case or Case.NOMINATIVE
    if case is Case.ACCUSATIVE and form.is_animate and (form.is_plural or form.gender == "m"):
        case = Case.GENITIVE
    adverb, _, adjective = full.rpartition(" ")
    return f"{adverb} {agreeing(adjective, form.gender, case, form.is_plural)}".strip()
