"""Short forms, signs, Roman numbers and spelled letters in Russian."""

import re
from functools import partial
from re import Match

from tts.text.english.vocabulary import WORDS
from tts.text.english.words import ACRONYM as ENGLISH_ACRONYM
from tts.text.russian.context import ends_sentence, kept_dot, word_before
from tts.text.russian.nouns import Case
from tts.text.russian.numerals import ordinal
from tts.text.russian.vocabulary import (
    ABBREVIATIONS,
    BEFORE_NAMES,
    LATIN_LETTERS,
    LETTERS,
    OWN_WAY,
    SIGNS,
    SPELLED,
)

ROMAN = r"(?=[IVXLC])(C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))(?<=[IVXLC])"
ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
CENTURIES = re.compile(rf"\b{ROMAN}(?:\s*[–—-]\s*{ROMAN})?\s+(вв?\.|век[а-я]*)")
NUMBERED = re.compile(
    rf"\b{ROMAN}\s+(?=(квартал|съезд|том|тур|раунд|этап|этаж|класс|курс|степен|глав|част|международн"
    r"|олимпиад|конференци|форум|фестивал|чемпионат|кругл|мировая|мировой|очеред)([а-я]*))"
)
RULER = re.compile(rf"\b([А-ЯЁ][а-яё]+)\s+{ROMAN}\b(?!\s*[-–])")
CENTURY_CASES = {
    "век": Case.NOMINATIVE, "века": Case.GENITIVE, "веку": Case.DATIVE, "веком": Case.INSTRUMENTAL,
    "веке": Case.PREPOSITIONAL,
}  # fmt: skip
FEMININE = ("степен", "глав", "част", "олимпиад", "конференци", "мировая", "мировой", "очеред")
ACRONYM = re.compile(r"\b[А-ЯЁ]{2,5}\b")
VOWELS = set("АЕЁИОУЫЭЮЯ")


def say_roman(text: str) -> str:
    """Replace Roman numbers where they stand with a century, a part or a ruler's name."""
    text = CENTURIES.sub(century, text)
    text = NUMBERED.sub(numbered, text)
    return RULER.sub(ruler, text)


def roman(written: str) -> int:
    values = [ROMAN_VALUES[letter] for letter in written]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < after else value for value, after in pairs)


def century(match: Match[str]) -> str:
    first, last, word = match.groups()
    is_in = word_before(match) in ("в", "во", "о")
    case = CENTURY_CASES.get(word, Case.PREPOSITIONAL if is_in else Case.NOMINATIVE)
    if word == "в." and word_before(match) and not is_in:
        case = Case.GENITIVE
    if not last:
        forms = {number: name for name, number in CENTURY_CASES.items()}
        said = forms[case] + kept_dot(match, word) if word == "в." else word
        return f"{ordinal(roman(first), case)} {said}"
    plural = ("веках" if is_in else "века") + kept_dot(match, word)
    both = f"{ordinal(roman(first), case)} — {ordinal(roman(last), case)}"
    return f"{both} {plural if word == 'вв.' else word}"


def numbered(match: Match[str]) -> str:
    number, stem, ending = roman(match[1]), match[2], match[3]
    if stem == "мировой" or (stem in FEMININE and ending in ("ы", "е", "и", "ой")):
        return f"{ordinal(number, Case.GENITIVE, 'f')} "
    if stem in FEMININE:
        case = Case.ACCUSATIVE if ending in ("у", "ю") else Case.NOMINATIVE
        return f"{ordinal(number, case, 'f')} "
    cases = {"а": Case.GENITIVE, "у": Case.DATIVE, "е": Case.PREPOSITIONAL, "ом": Case.INSTRUMENTAL}
    return f"{ordinal(number, cases.get(ending, Case.NOMINATIVE))} "


def ruler(match: Match[str]) -> str:
    """Return Пётр Первый, Екатерина Вторая, Петра Первого, by the ending of the name."""
    name, number = match[1], roman(match[2])
    case, gender = Case.NOMINATIVE, "m"
    if name.endswith(("ина", "ета", "ия", "нна")):
        gender = "f"
    elif name.endswith(("ины", "еты", "ии", "нны", "ине", "ете", "ине", "ной")):
        case, gender = Case.GENITIVE, "f"
    elif name.endswith(("а", "я")):
        case = Case.GENITIVE
    elif name.endswith(("у", "ю")):
        case = Case.DATIVE
    elif name.endswith(("ом", "ем", "ём")):
        case = Case.INSTRUMENTAL
    return f"{name} {ordinal(number, case, gender)}"


def say_abbreviations(text: str) -> str:
    for pattern, words in ABBREVIATIONS.items():
        text = re.sub(rf"(?<![\w-]){pattern}(?![\w-])", partial(in_full, words), text, flags=re.I)
    return text


def in_full(words: str, match: Match[str]) -> str:
    """Keep the end of a sentence that the dot of a short form is at the same time."""
    ends = match[0].endswith(".") and ends_sentence(match)
    return f"{words}." if ends and words not in BEFORE_NAMES else words


def say_acronyms(text: str) -> str:
    return ENGLISH_ACRONYM.sub(latin_acronym, ACRONYM.sub(acronym, text))


def acronym(match: Match[str]) -> str:
    """Spell what nobody can say as a word."""
    word = match[0]
    if word in OWN_WAY:
        return OWN_WAY[word]
    if word in SPELLED or not VOWELS & set(word):
        return spell(word)
    return word


def latin_acronym(match: Match[str]) -> str:
    """Spell it, so that no other voice is needed; what is said as a word stays."""
    word = match[0]
    return word if word in WORDS else " ".join(LATIN_LETTERS[letter] for letter in word.lower())


def spell(text: str) -> str:
    """Return the names of the letters; what is no Russian letter stays."""
    return " ".join(LETTERS.get(letter.lower(), letter) for letter in text if not letter.isspace())


def say_signs(text: str) -> str:
    return text.translate(str.maketrans(SIGNS))
