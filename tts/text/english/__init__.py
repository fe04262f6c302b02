"""Written English as it is said."""

from tts.text.english.numbers import say_numbers
from tts.text.english.words import say_abbreviations, say_acronyms, say_signs

STEPS = (say_abbreviations, say_numbers, say_acronyms, say_signs)


def say(text: str) -> str:
    """Return English text in words: there is no digit left in it."""
    for step in STEPS:
        text = step(text)
    return text
