"""Written Russian as it is said: numbers agree with their nouns, short forms are words."""

import re
from functools import cache

from tts.text.normal import normalise
from tts.text.russian.capitals import soften
from tts.text.russian.rules import (
    abbreviations,
    acronyms,
    codes,
    dates,
    endings,
    letters,
    measures,
    numbered,
    numbers,
    places,
    roman,
    short_labels,
    times,
    weekdays,
    years,
)
from tts.text.russian.stress import mark_stress
from tts.text.russian.tables.signs import SIGNS
from tts.text.scanning import Scanner

# The particular before the general: what one declines the next may take.
RULES = [
    *acronyms.FORMULA_RULES,
    *numbered.RULES,
    *codes.RULES,
    *dates.RULES,
    *times.RULES,
    *dates.SHORT_RULES,
    *codes.VERSION_RULES,
    *years.RULES,
    *roman.RULES,
    *endings.RULES,
    *measures.RULES,
    *years.BARE_RULES,
    *letters.RULES,
    *numbers.RULES,
    *weekdays.RULES,
    *places.RULES,
    *short_labels.REPEATED_RULES,
    *abbreviations.RULES,
    *short_labels.RULES,
    *acronyms.RULES,
]
SIGN_WORDS = str.maketrans(SIGNS)


@cache
def scanner() -> Scanner:
    return Scanner(RULES)


def say(text: str) -> str:
    """Return Russian text in words: there is no digit left in it."""
    said = scanner().read(mark_stress(soften(normalise(text))))
    return re.sub(r"\d", "", said.translate(SIGN_WORDS))
