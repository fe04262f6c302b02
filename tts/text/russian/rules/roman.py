"""Roman numerals in Russian: of centuries, rulers, parts of a whole."""

import re
from re import Match

from tts.text.russian.grammar.cases import Case, row
from tts.text.russian.grammar.government import govern
from tts.text.russian.grammar.morphology import decline, forms_of, gender_of
from tts.text.russian.grammar.noun_cases import follows_noun
from tts.text.russian.grammar.numerals import cardinal, ordinal
from tts.text.russian.rules.endings import read_ending
from tts.text.russian.rules.roman_nouns import (
    NUMERAL,
    SMALL,
    How,
    case_of_counted,
    number_of,
    of_noun_after,
    of_noun_earlier,
    of_word_before,
    roman_list_start,
)
from tts.text.russian.tables.abbreviations import TIME_PARTS
from tts.text.scanning import Context, Rule, full_stop

START = r"(?<![\w.])"
SPAN = re.compile(
    rf"{START}{NUMERAL}\s?[–—-]\s?{NUMERAL}(?:\s+(вв?\.|век[а-я]*|столети[а-я]*|кв\.))?"
)
# The first of two centuries, whose word follows the second: в конце XIX — нач. XX в.
ELIDED = re.compile(
    rf"{START}{NUMERAL}(?=\s*,?\s*(?:[–—-]|и|или|по|до)\s+(?:[а-яё]+\.?\s+)?{NUMERAL}\s+"
    r"(?:вв?\.|век|столети))"
)
CENTURY = re.compile(rf"{START}{NUMERAL}\s+(вв?\.|в(?=\s|$)|тыс\.(?=\s(?:до\s)?н\.?\s?э))")
QUARTER = re.compile(
    rf"{START}(?:{NUMERAL}|([1-4])(?:-?[а-я]{{1,2}})?)\s?кв\.?(?=\s*\d{{4}}|\s*$|\s*[,;)]|\s+\d\d\b)"
    r"|(?:(?<=\b[Вв] )|(?<=\b[Вв]о )|(?<=\b[Зз]а )|(?<=тогам )|(?<=татам ))([1-4])\s?кв\."
)
ENDED = re.compile(rf"{START}{NUMERAL}-([а-яё]{{1,3}})(?!\w)")
ONE = re.compile(rf"{START}{NUMERAL}(?![-‑]?\d)")
ACRONYMS = frozenset(row("CD DC MC CC MM DM MD CM LCD CL CV MV DX LL LC XL XXL XX MI DI LI CI"))


def read_span(match: Match[str], context: Context) -> str | None:
    """Read "XIX–XX вв.", "I–III классы"."""
    first, last, word = number_of(match[1]), number_of(match[2]), match[3]
    if not first or not last:
        return None
    if word:
        case = form_case(word, century_case(context, match.start()))
        how: How | None = (case, "m")
        noun = "квартал" if word == "кв." else "век"
        word = decline(noun, case, is_plural=True) if word.endswith(".") else word
    else:
        how = of_noun_after(context, match.start(), match.end()) or of_word_before(
            match, context, is_several=True
        )
        after = forms_of(context.word_after(match.end()) or "-")[0]
        how = (how[0], "p") if how and after.is_plural else how
    if how is None:
        return None
    said = f"{ordinal(first, *how)} — {ordinal(last, *how)}"
    return f"{said} {word}{full_stop(match, context)}" if word else said


def form_case(word: str, wished: Case) -> Case:
    cases = [form.case for form in forms_of(word) if form.case is not None]
    return wished if wished in cases or not cases or word.endswith(".") else cases[0]


def century_case(context: Context, position: int) -> Case:
    government = govern(context, position)
    if follows_time_part(context, position):
        return Case.GENITIVE
    if government.word in ("в", "во", "о", "об"):
        return Case.PREPOSITIONAL
    if government.is_preposition:
        return government.cases[0]
    return Case.GENITIVE if follows_noun(context, position) else Case.NOMINATIVE


def follows_time_part(context: Context, position: int) -> bool:
    """Tell whether an abbreviated part is before, as in "нач. XX в."."""
    words = [token.text.lower() for token in context.before(position, 2)]
    return words[:1] == ["."] and words[1] in TIME_PARTS if len(words) > 1 else False


def read_century(match: Match[str], context: Context) -> str | None:
    """Read "в XIX в.", "к концу V в. до н. э.", "XI вв."."""
    number, word = number_of(match[1]), match[2]
    is_preposition = word == "в" and context.word_after(match.end())[:1].islower()
    if not number or (is_preposition and not govern(context, match.start()).is_preposition):
        return None
    case = century_case(context, roman_list_start(match, context))
    noun = "тысячелетие" if word == "тыс." else "век"
    century = decline(noun, case, is_plural=word.startswith("вв"))
    return f"{ordinal(number, case, gender_of(noun))} {century}{full_stop(match, context)}"


def read_elided(match: Match[str], context: Context) -> str | None:
    """Read "XIX" of "конец XIX — начало XX века"."""
    number, before = number_of(match[1]), next(context.before(match.start(), 1), None)
    is_ruler = before is not None and before.text.istitle() and forms_of(before.text)[0].is_animate
    if not number or is_ruler:
        return None
    return ordinal(number, century_case(context, match.start()))


def read_quarter(match: Match[str], context: Context) -> str | None:
    """Read "III кв. 2027 г.", "в 1 кв."."""
    number = number_of(match[1]) if match[1] else int(match[2] or match[3])
    government = govern(context, match.start())
    case = Case.PREPOSITIONAL if government.word in ("в", "во") else government.cases[0]
    return f"{ordinal(number, case)} {decline('квартал', case)}" if number else None


def read_ended(match: Match[str], context: Context) -> str | None:
    """Read "XX-го века"."""
    number = number_of(match[1])
    return read_ending(number, match[2].lower(), context, *match.span()) if number else None


def read_one(match: Match[str], context: Context) -> str | None:
    """Read a numeral as the ordinal of the name or label before it, or of the noun behind it."""
    written, number = match[1], number_of(match[1])
    if not number:
        return None
    if case := case_of_counted(match, context):
        return cardinal(number, case)
    how = (
        of_word_before(match, context)
        or of_noun_after(context, *match.span())
        or of_noun_earlier(match, context)
    )
    if how is not None:
        return ordinal(number, *how)
    is_numeral = len(written) > 1 and written not in ACRONYMS and not set(written) - SMALL
    return cardinal(number) if is_numeral else None


RULES = [
    Rule("aя", SPAN, read_span),
    Rule("a0", QUARTER, read_quarter),
    Rule("aя", ELIDED, read_elided),
    Rule("aя", CENTURY, read_century),
    Rule("aя", ENDED, read_ended),
    Rule("aя", ONE, read_one),
]
