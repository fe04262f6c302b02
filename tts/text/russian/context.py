"""What stands around a number in Russian, and what that makes of it."""

import re
from re import Match

from tts.text.russian.nouns import Case, Noun, is_few, is_one
from tts.text.russian.numerals import cardinal, decimal
from tts.text.russian.vocabulary import (
    DATIVE_AFTER,
    GENITIVE_AFTER,
    INSTRUMENTAL_AFTER,
    PREPOSITIONAL_AFTER,
)

WORD_BEFORE = re.compile(r"([а-яё]+)[\s(«\"]*$", re.IGNORECASE)
WORDS_AFTER = re.compile(r"\s+([а-яё]+)(?:\s+([а-яё]+))?", re.IGNORECASE)
ADJECTIVE_ENDINGS = ("ый", "ий", "ой", "ая", "яя", "ое", "ее", "ые", "ие", "ых", "их", "ую", "юю")
SOFT_FEMININE = re.compile(
    r"(?:ость|есть|знь|чь|щь|шь|жь|сть|бовь|пись|ать|ладь|верь|цель|роль|соль|боль|тень|ень|ель)$"
)
SOFT_MASCULINE = ("день", "гость", "пень", "корень", "камень", "уровень", "отель", "показатель")


def word_before(match: Match[str]) -> str:
    found = WORD_BEFORE.search(match.string[max(0, match.start() - 30) : match.start()])
    return found[1].lower() if found else ""


def words_after(match: Match[str]) -> list[str]:
    found = WORDS_AFTER.match(match.string[match.end() : match.end() + 60])
    return [word.lower() for word in found.groups() if word] if found else []


def noun_after(match: Match[str]) -> str:
    """Return the word that is counted, passing over one adjective."""
    words = words_after(match)
    is_described = len(words) > 1 and words[0].endswith(ADJECTIVE_ENDINGS)
    return words[1 if is_described else 0] if words else ""


def case_of(match: Match[str]) -> Case:
    """Return the case in which a number stands, by the preposition before and the noun after."""
    before, noun = word_before(match), noun_after(match)
    if noun.endswith(("ами", "ями")) or before in INSTRUMENTAL_AFTER:
        return Case.INSTRUMENTAL
    if before in GENITIVE_AFTER:
        return Case.GENITIVE
    if before in DATIVE_AFTER or (before == "по" and noun.endswith(("ам", "ям"))):
        return Case.DATIVE
    in_place = before in ("в", "во", "на") and noun.endswith(("ах", "ях"))
    if before in PREPOSITIONAL_AFTER or in_place:
        return Case.PREPOSITIONAL
    return Case.ACCUSATIVE if before in ("в", "во", "на", "за", "через", "про") else Case.NOMINATIVE


def gender_of(match: Match[str], number: int) -> str:
    """Return the gender of what is counted, by the ending that the number has given to it."""
    noun = noun_after(match)
    if is_few(number):
        is_feminine = noun.endswith(("и", "ы")) or described_in_plural(match)
        return "f" if is_feminine else "m"
    if not is_one(number) or not noun:
        return "m"
    if noun.endswith(("о", "е", "ё")):
        return "n"
    return "f" if is_feminine_after_one(noun, case_of(match)) else "m"


def described_in_plural(match: Match[str]) -> bool:
    """Tell whether it is две новые книги rather than два новых стола."""
    return any(word.endswith(("ые", "ие")) for word in words_after(match)[:1])


def is_feminine_after_one(noun: str, case: Case) -> bool:
    if noun.endswith(("а", "я", "у", "ю")):
        # до одного дня, к одному дню: there the ending is that of a masculine noun.
        return case not in (Case.GENITIVE, Case.DATIVE)
    if noun.endswith(("ой", "ей")):
        return True
    if noun.endswith(("и", "ы")):
        return case is not Case.NOMINATIVE
    return bool(SOFT_FEMININE.search(noun)) and not noun.endswith(SOFT_MASCULINE)


def ends_sentence(match: Match[str]) -> bool:
    """Tell whether a new sentence or nothing follows, so that a dot before it is a full stop."""
    return bool(re.match(r"\s*$|\s*\n|\s+[А-ЯЁA-Z]", match.string[match.end() :]))


def kept_dot(match: Match[str], dot: object) -> str:
    """Keep the end of a sentence that the dot of a short form is at the same time."""
    return "." if dot and ends_sentence(match) else ""


def amount(whole: int, part: str, noun: Noun, case: Case) -> str:
    """Return a number with what it counts: пять километров, три целых пять десятых километра."""
    if not part:
        return f"{cardinal(whole, case, noun.gender)} {noun.counted(whole, case)}"
    if (whole, part) == (1, "5") and case in (Case.NOMINATIVE, Case.ACCUSATIVE):
        return f"{'полторы' if noun.gender == 'f' else 'полтора'} {noun.part}"
    return f"{decimal(whole, part, case)} {noun.part}"
