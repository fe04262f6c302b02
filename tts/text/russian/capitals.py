"""Texts in capitals, written small again so that the rules know their words: КАБ. 12, 120 КВ.М."""

import re
from re import Match

from tts.text.russian.grammar.morphology import forms_of, is_known
from tts.text.russian.tables.abbreviations import (
    ADJECTIVES,
    BEFORE_NAME,
    BEFORE_NUMBER,
    NOUNS,
    TITLES,
)
from tts.text.russian.tables.letters import OWN_WAY, SPELLED, VOWELS
from tts.text.russian.tables.units import MONEY, MULTIPLIERS, UNITS

# Words of capitals in a row, with whatever is between them.
LOUD = re.compile(r"(?<![^\W\d_])[А-ЯЁ]+(?:[\W\d_]+[А-ЯЁ]+)*(?![а-яё])\.?")
WORD = re.compile(r"[А-ЯЁ]+")
LONG = re.compile(r"[А-ЯЁ]{3,}")
# So many common words in a row are no acronyms.
LEAST_COMMON = 2
SENTENCE_START = re.compile(r"(?:^|[!?\n]|([^\d\W]{3,})\.)[\s«\"—–-]*$")
BEFORE_PLACE = re.compile(r"(?<![А-ЯЁ-])(?:(?:УЛ|ПР|ПЕР|ПЛ|НАБ|ПОС|ПР-Т|Р-Н)\.?|[ГДСМ]\.)\s*$")
INITIAL = re.compile(r"\.\s?[А-ЯЁ]{2,}|\.\s?[А-ЯЁ]\.")
ABBREVIATIONS = frozenset(
    (*BEFORE_NUMBER, *BEFORE_NAME, *NOUNS, *ADJECTIVES, *TITLES, *UNITS, *MULTIPLIERS, *MONEY)
)
ENDING = re.compile(r"\d-$")
NAMES = frozenset(("Name", "Surn", "Patr", "Geox"))
# Letters that are words, or abbreviations of addresses and units.
LETTERS = frozenset("АВИКОСУЯГДМЧЛРТ")
LONGEST_START = 12


def soften(text: str) -> str:
    """Return a text with its loud parts in small letters, but for acronyms and names."""
    return LOUD.sub(soften_part, text)


def soften_part(match: Match[str]) -> str:
    words = set(LONG.findall(match[0]))
    if sum(map(is_common, words)) < LEAST_COMMON:
        return match[0]
    return WORD.sub(soften_word, match[0])


def soften_word(match: Match[str]) -> str:
    word, text = match[0], match.string
    if len(word) == 1:
        if ENDING.search(text, max(0, match.start() - 2), match.start()):
            return word.lower()
        is_initial = INITIAL.match(text, match.end()) and word not in "ГДМ"
        return word if word not in LETTERS or is_initial else word.lower()
    if is_abbreviation(match):
        return word.lower()
    if not is_common(word) and is_acronym(word):
        return word
    before = text[max(0, match.start() - LONGEST_START) : match.start()]
    is_name = NAMES & forms_of(word)[0].tags or BEFORE_PLACE.search(before)
    start = SENTENCE_START.search(before)
    is_first = start is not None and (start[1] or "").lower() not in ABBREVIATIONS
    return word.capitalize() if is_name or is_first else word.lower()


def is_abbreviation(match: Match[str]) -> bool:
    """Tell КВ. and "5 КГ" from acronyms."""
    has_dot = match.string.startswith((".", "-"), match.end())
    is_counted = match.string[: match.start()][-2:].strip()[-1:].isdecimal()
    return (has_dot or is_counted) and match[0].lower() in ABBREVIATIONS


def is_acronym(word: str) -> bool:
    return word in OWN_WAY or word in SPELLED or not VOWELS & set(word) or len(word) > 3


def is_common(word: str) -> bool:
    """Tell whether it is an ordinary word as well: ПО ВСЕМ ВОПРОСАМ."""
    return is_known(word) and "Abbr" not in forms_of(word)[0].tags
