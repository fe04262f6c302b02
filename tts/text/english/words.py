"""Short forms, signs and spelled letters in English."""

import re

from tts.text.english.vocabulary import ABBREVIATIONS, LETTERS, SIGNS, WORDS

# Longer ones are spelled only when nobody can say them: HTTPS, but COVID.
ACRONYM = re.compile(r"\b(?:[A-Z]{2,4}|[B-DF-HJ-NP-TV-Z]{5})\b")


def say_abbreviations(text: str) -> str:
    for pattern, words in ABBREVIATIONS.items():
        text = re.sub(rf"(?<![\w.]){pattern}(?!\w)", words, text)
    return text


def say_signs(text: str) -> str:
    return text.translate(str.maketrans(SIGNS))


def say_acronyms(text: str) -> str:
    """Spell acronyms, all but those that are said as words."""
    return ACRONYM.sub(lambda match: match[0] if match[0] in WORDS else spell(match[0]), text)


def spell(text: str) -> str:
    """Return the names of the letters; what is no English letter stays."""
    return " ".join(LETTERS.get(letter.lower(), letter) for letter in text if not letter.isspace())
