"""Abbreviations, signs, acronyms and spelled letters in English."""

import re
from re import Match

from tts.text.english.letters import spell_letters
from tts.text.english.numerals import row
from tts.text.english.places import is_street
from tts.text.english.tables.places import STREETS
from tts.text.english.tables.words import (
    ABBREVIATIONS,
    COMMON,
    LABELS,
    LETTERS,
    SIGNS,
    TITLES,
    WORDS,
)
from tts.text.scanning import Context, Rule, final_stop, full_stop

SPELLED_OUT = {
    **ABBREVIATIONS,
    **{
        name[0].upper() + name[1:]: said[0].upper() + said[1:]
        for name, said in ABBREVIATIONS.items()
        if name[0].islower()
    },
}
NAMES = sorted(SPELLED_OUT, key=len, reverse=True)
FIXED = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, NAMES))})(?!\w)")
TITLE = re.compile(
    rf"(?<![\w.])({'|'.join(sorted(TITLES, key=len, reverse=True))})(?:\.|(?=\s+[A-Z]))(?!\w)"
)
LABEL = re.compile(
    rf"(?<![\w.])({'|'.join(sorted(LABELS, key=len, reverse=True))})(?:\.\s*|\s+(?=\d))"
    r"(?=#?\d|[IVX]+\b|[A-Z]\b(?!\.))"
)
ACRONYM = re.compile(
    r"(?<![\w'’])([A-Z]{2,5})(s?)(?![\w'’$€£¥₹])|(?<![\w'’])([A-Z]{2,5})(?=['’]s\b)"
)
DOTTED = re.compile(r"(?<![\w.])((?:[A-Z]\.){2,})(?!\w)")
INITIAL = re.compile(r"(?<![\w.])([A-Z])\.(?=\s?[A-Z])")
SIGN_WORDS = str.maketrans(SIGNS)
# He/she, his/her.
EITHER = re.compile(r"(?<=\w)/(?=(?:she|he|her|his|hers|him|herself|himself)\b)")
AMPERSAND = re.compile(r"(?<![\w&])([A-Z]{1,3})&([A-Z]{1,3})(?![\w&])")
# Dr. and Mrs. Hall.
COUPLE = re.compile(r"\s(?:and|&)\s(?:Mrs?|Ms|Dr|Prof)\b")
YEAR_BEHIND = re.compile(r"\s[12]\d{3}(?!\d|,)")
GRADE = re.compile(r"(?<!\w)([A-F])[-–−](?=[\s.,;:!?)]|$)")
VOWELS = frozenset("AEIOUY")
UNSPEAKABLE = re.compile(r"AA|II|UU|[^AEIOUY]{4}|[BCDFGJKPQTVX][CPTDGBV]$|^[^AEIOUY]{3}")
SHOUTED_SHARE = 0.6
LONGEST_SPELLED = 4
# Abbreviations with which a sentence may end, whatever follows.
ENDING = frozenset(("etc.", "ft.", "min.", "max.", "est.", "temp."))
ALONE = frozenset(("Mr", "Mrs", "Ms", "Messrs"))
# Labels that are words or letters as well, unless a number follows.
AMBIGUOUS_LABELS = frozenset(("c", "v", "p", "no", "art", "ed", "ex", "sec"))
UNDOTTED = frozenset(row("apt ste rm fig figs ch vol bldg ep hwy rte sec pp pg ext art eq"))
PRONOUNS = frozenset(row("he she him her his hers himself herself"))
ACRONYMS_TOO = frozenset(("IT", "US", "WHO", "ALL"))


def read_fixed(match: Match[str], context: Context) -> str | None:
    """Read "e.g.", "approx.", "Ph.D."."""
    name, after = match[1], context.word_after(match.end())
    if name == "v." and not after[:1].isupper():
        return None
    if name.lower() == "est." and YEAR_BEHIND.match(match.string, match.end()):
        return None  # established
    is_end = name in ENDING
    return SPELLED_OUT[name] + (full_stop if is_end else final_stop)(match, context)


def read_title(match: Match[str], context: Context) -> str | None:
    """Read "Dr. Brown", "St. Petersburg", but not "Oak St. London"."""
    name, is_named = match[1], context.word_after(match.end())[:1].isupper()
    if not is_named and name not in ALONE and not COUPLE.match(match.string, match.end()):
        return None
    return None if name in STREETS and is_street(match, context) else TITLES[name]


def read_label(match: Match[str], context: Context) -> str | None:
    """Read "No. 5", "pp. 45-67", "Fig. 3"."""
    is_word = match[1] in AMBIGUOUS_LABELS
    is_numbered = match.string[match.end() : match.end() + 1] in "#0123456789IVX"
    has_dot = match.string[match.end(1)] == "."
    is_label = has_dot or match[1].lower() in UNDOTTED
    return None if not is_label or (is_word and not is_numbered) else f"{LABELS[match[1]]} "


def read_acronym(match: Match[str], context: Context) -> str | None:
    """Spell acronyms, all but those that are said as words, and words that are shouted."""
    word, plural = match[1] or match[3], match[2] or ""
    has_vowel = bool(VOWELS & set(word))
    is_loud = has_vowel and (word in COMMON or len(word) > 3) and is_shouted(match, context)
    is_word = word in WORDS or (word in COMMON and word not in ACRONYMS_TOO)
    if is_loud or is_word or (len(word) > LONGEST_SPELLED and is_pronounceable(word)):
        return None
    return f"{spell_letters(word)} {plural}".strip()


def is_pronounceable(word: str) -> bool:
    """Tell UNESCO from NAACP and UNHCR."""
    return bool(VOWELS & set(word)) and not UNSPEAKABLE.search(word)


def is_shouted(match: Match[str], context: Context) -> bool:
    """Tell whether the words around are in capitals too, so that capitals mean nothing."""
    around = [*context.before(match.start(), 6), *context.after(match.end(), 6)]
    words = [token.text for token in around if token.is_word]
    loud = [word for word in words if word.isupper()]
    common = [word for word in loud if word in COMMON or len(word) > LONGEST_SPELLED + 1]
    return bool(common) and len(loud) >= SHOUTED_SHARE * len(words)


def read_either(match: Match[str], context: Context) -> str | None:
    return "or" if context.word_before(match.start()) in PRONOUNS else None


def read_ampersand(match: Match[str], context: Context) -> str:
    """Read R&D, AT&T."""
    return f"{spell_letters(match[1])} and {spell_letters(match[2])}"


def read_grade(match: Match[str], context: Context) -> str:
    """Read the marks A- and B-."""
    return f"{spell_letters(match[1])} minus"


def read_dotted(match: Match[str], context: Context) -> str:
    return spell_letters(match[1].replace(".", "")) + final_stop(match, context)


def read_initial(match: Match[str], context: Context) -> str | None:
    return None if match[1] == "I" else LETTERS[match[1].lower()]


def say_signs(text: str) -> str:
    return text.translate(SIGN_WORDS)


RULES = [
    Rule("a0", FIXED, read_fixed),
    Rule(".", EITHER, read_either),
    Rule("a", LABEL, read_label),
    Rule("a", TITLE, read_title),
]
# After addresses, which have capitals of their own.
CAPITALS = [
    Rule("a", AMPERSAND, read_ampersand),
    Rule("a", GRADE, read_grade),
    Rule("a", DOTTED, read_dotted),
    Rule("a", INITIAL, read_initial),
    Rule("a", ACRONYM, read_acronym),
]
