"""Abbreviations in Russian: the word that is meant, in the case in which it stands."""

import re
from re import Match

from tts.text.russian.grammar.cases import Case
from tts.text.russian.grammar.government import govern
from tts.text.russian.grammar.labels import is_labelled
from tts.text.russian.grammar.morphology import counted, decline, forms_of, gender_of, likeliest
from tts.text.russian.grammar.noun_cases import case_of_noun, chain_start, follows_noun
from tts.text.russian.grammar.numerals import value
from tts.text.russian.rules.places import (
    is_in_address,
    read_after_adjective,
    read_before_name,
    shown_case,
)
from tts.text.russian.rules.short_adjectives import (
    chain_case,
    follows_short_noun,
    read_adjective,
    read_title,
)
from tts.text.russian.rules.short_labels import read_before_number
from tts.text.russian.tables.abbreviations import (
    AFTER_NUMBER,
    BEFORE_NUMBER,
    BY_ROLE,
    CONTRACTED,
    DECLINED,
    DOTLESS,
    FIXED,
    MATERIALS,
    NOUNS,
    PERIODS,
    PLACES,
    PLURAL_NOUNS,
    TIME_PARTS,
)
from tts.text.scanning import Context, Rule, full_stop

START = r"(?<![\w-])"


def spaced(name: str) -> str:
    """Return a pattern for an abbreviation that may be written with or without its spaces."""
    escaped = re.escape(name).replace(r"\ ", r"\s*")
    return escaped.replace(r"и\s*", r"и\s+", 1) if name.startswith("и ") else escaped


def squeeze(name: str) -> str:
    return re.sub(r"\s", "", name).lower()


FIXED_NAMES = "|".join(spaced(name) for name in sorted(FIXED, key=len, reverse=True))
NAMES_AFTER_NUMBER = "|".join(map(spaced, AFTER_NUMBER))
FIXED_FORM = re.compile(
    rf"{START}((?<!\d)(?<!\d\s)(?:{FIXED_NAMES})|(?:{NAMES_AFTER_NUMBER}))(?![\w-])", re.IGNORECASE
)  # most of them are units after a number
FIXED_FOUND = {squeeze(name): said for name, said in FIXED.items()}
DOTTED = re.compile(
    rf"{START}([а-яё]{{1,8}}(?:[-/][а-яё]{{1,4}})?)\.(?![а-яёa-z]\w)", re.IGNORECASE
)
SLASHED = re.compile(rf"{START}([а-яё]{{1,3}}/[а-яё]{{1,3}})(?![\w.])", re.IGNORECASE)
HYPHENED = re.compile(rf"{START}([а-яё]{{1,5}})-([а-яё]{{1,3}})(?![\w-])\.?", re.IGNORECASE)
TIME_AFTER = re.compile(r"\s*(?:[вс:—–-]\s*)?\d")
BARE = re.compile(
    rf"{START}({'|'.join(DOTLESS)})(?=\s*\d|\s+[А-ЯЁ])(?![\w-])",
    re.IGNORECASE,
)
CHATTED = re.compile(rf"{START}(зп)(?![\w-])", re.IGNORECASE)
# The cases that the ending of an ordinal shows, by the gender of its noun: в 210-м каб.
ENDING_CASES: dict[tuple[str, str], set[Case | None]] = {
    ("m", "й"): {Case.NOMINATIVE, Case.ACCUSATIVE},
    ("m", "го"): {Case.GENITIVE},
    ("m", "му"): {Case.DATIVE},
    ("m", "м"): {Case.PREPOSITIONAL, Case.INSTRUMENTAL},
    ("f", "я"): {Case.NOMINATIVE},
    ("f", "ю"): {Case.ACCUSATIVE},
    ("f", "й"): {Case.GENITIVE, Case.DATIVE, Case.INSTRUMENTAL, Case.PREPOSITIONAL},
}


def read_fixed(match: Match[str], context: Context) -> str | None:
    said = FIXED_FOUND[squeeze(match[1])]
    if said == "свыше" and context.word_after(match.end())[:1].isupper():
        return None  # св. Варвара
    if said in DECLINED:
        said = decline(said, case_of_noun(context, match.start()))
    return said + full_stop(match, context)


def read_dotted(match: Match[str], context: Context) -> str | None:
    """Read an abbreviation by what is around it: a number, a name, an adjective, a noun."""
    short = match[1].lower()
    return (
        read_before_number(short, match, context)
        or read_after_adjective(short, match, context)
        or read_title(short, match, context)
        or read_adjective(short, match, context)
        or read_before_name(short, match, context)
        or read_noun(short, match, context)
    )


def read_bare(match: Match[str], context: Context) -> str | None:
    """Read abbreviations whose dot was forgotten: "кв 5", "ул Ленина"."""
    short = match[1].lower()
    if short == "д" and not is_in_address(context, match.start()):
        return None
    return read_before_number(short, match, context) or read_before_name(short, match, context)


def read_noun(short: str, match: Match[str], context: Context) -> str | None:
    if short not in NOUNS:
        return None
    if chain_start(context, match.start()) < match.start():
        noun = BY_ROLE.get(short, NOUNS[short])
        return decline(noun, chain_case(noun, context, match.start())) + full_stop(match, context)
    government = govern(context, match.start())
    if short == "нач" and TIME_AFTER.match(match.string, match.end()):
        return "начало"
    if follows_short_noun(context, match.start()):
        is_led = context.word_before(match.start() - 1) == "зав"
        case = Case.INSTRUMENTAL if is_led else Case.GENITIVE
        return decline(NOUNS[short], case) + full_stop(match, context)
    if short in PLACES and government.is_preposition:
        said = decline(PLACES[short], case_of_noun(context, match.start()))
    elif [token.text for token in context.before(match.start(), 1)] == ["%"]:
        said = decline(NOUNS[short], Case.GENITIVE)  # 20 % п/э
    elif government.word in ("с", "со") and likeliest(NOUNS[short]).is_animate:
        said = decline(NOUNS[short], Case.INSTRUMENTAL)
    elif short in MATERIALS:
        said = NOUNS[short]
    elif short in PERIODS and government.is_preposition:
        said = decline(NOUNS[short], government.cases[0])
    elif short in TIME_PARTS and government.word in ("в", "к", "с", "до"):
        said = decline(BEFORE_NUMBER[short], case_of_noun(context, match.start()))
    elif short in PLURAL_NOUNS:
        said = decline(NOUNS[short], Case.GENITIVE, is_plural=True)
    elif number := counted_before(match, context):
        said = counted(NOUNS[short], number, Case.NOMINATIVE)
    else:
        said = decline(NOUNS[short], case_by_adjective(NOUNS[short], match.start(), context))
    return said + full_stop(match, context)


def counted_before(match: Match[str], context: Context) -> int:
    """Return the number directly before that counts an abbreviated noun, 0 for none: 144 кв."""
    before = next(context.before(match.start(), 1), None)
    if before is None or not before.is_number or is_labelled(context, before.start):
        return 0
    return value(before.text)


def case_by_adjective(noun: str, position: int, context: Context) -> Case:
    """Return the case of a noun, which its adjective shows: двухкомнатной кв."""
    tokens = list(context.before(position, 3))
    before, earlier = next(iter(tokens), None), tokens[1:]
    if before is None or not before.is_word:
        return case_of_noun(context, position)
    shown_by_ending = ENDING_CASES.get((gender_of(noun), before.text))
    is_ending = len(earlier) == 2 and earlier[0].text == "-" and earlier[1].is_number
    if shown_by_ending and is_ending:
        return shown_case(earlier[1].start, context, shown_by_ending)
    if before.text.islower() and follows_noun(context, position):
        return Case.GENITIVE
    gender = gender_of(noun)
    forms = forms_of(before.text)
    shown = {form.case for form in forms if form.is_adjective and form.gender == gender}
    if not shown or not forms[0].is_adjective:
        return case_of_noun(context, position)
    return shown_case(before.start, context, shown)


def read_slashed(match: Match[str], context: Context) -> str | None:
    """Read "ж/д вокзал", "з/п", "р/с"."""
    short = match[1].lower()
    return read_adjective(short, match, context) or read_noun(short, match, context)


def read_hyphened(match: Match[str], context: Context) -> str | None:
    """Read a word of which the beginning and the end are written: р-не, д-ра, кол-во."""
    beginning, end = match[1].lower(), match[2].lower()
    nouns = CONTRACTED.get(beginning, ())
    forms = [
        (case, decline(noun, case, is_plural))
        for is_plural in (False, True)
        for noun in nouns
        for case in Case
    ]
    found = [(case, form) for case, form in forms if form.endswith(end)]
    if not found:
        return None
    if said := read_after_adjective(f"{beginning}-{end}", match, context):
        return said
    wished = (case_of_noun(context, match.start()), *govern(context, match.start()).cases)
    said = next((form for case in wished for one, form in found if one is case), found[0][1])
    return said + full_stop(match, context)


RULES = [
    Rule("0яa.", FIXED_FORM, read_fixed),
    Rule("я", DOTTED, read_dotted),
    Rule("я", SLASHED, read_slashed),
    Rule("я", HYPHENED, read_hyphened),
    Rule("я", BARE, read_bare),
    Rule("я", CHATTED, read_slashed),
]
