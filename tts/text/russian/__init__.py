"""Written Russian as it is said: numbers agree with their nouns, short forms are words."""

from tts.text.russian.codes import say_codes
from tts.text.russian.dates import say_dates
from tts.text.russian.measures import say_measures
from tts.text.russian.numbers import say_endings, say_numbers
from tts.text.russian.words import say_abbreviations, say_acronyms, say_roman, say_signs

# Each takes what it knows, so the particular come before the general.
STEPS = (
    say_dates,
    say_codes,
    say_roman,
    say_endings,
    say_measures,
    say_numbers,
    say_abbreviations,
    say_acronyms,
    say_signs,
)


def say(text: str) -> str:
    """Return Russian text in words: there is no digit left in it."""
    for step in STEPS:
        text = step(text)
    return text
