"""Written English as it is said."""

import re
from functools import cache

from tts.text.english import (
    codes,
    dates,
    lengths,
    measures,
    money,
    numbers,
    pairs,
    places,
    roman,
    times,
    words,
    years,
)
from tts.text.normal import normalise
from tts.text.scanning import Scanner

# The particular before the general: what one declines the next may take.
RULES = [
    *roman.RULES,
    *words.RULES,
    *places.RULES,
    *words.CAPITALS,
    *codes.NUMBER_RULES,
    *pairs.JOINED_RULES,
    *dates.RULES,
    *years.RULES,
    *numbers.ORDINALS,
    *times.RULES,
    *years.YEAR_RULES,
    *money.RULES,
    *lengths.RULES,
    *measures.RULES,
    *pairs.FRACTIONS,
    *codes.RULES,
    *numbers.COMPOUNDS,
    *pairs.RULES,
    *numbers.RULES,
]


@cache
def scanner() -> Scanner:
    return Scanner(RULES)


def say(text: str) -> str:
    """Return English text in words: there is no digit left in it."""
    return re.sub(r"\d", "", words.say_signs(scanner().read(normalise(text))))
