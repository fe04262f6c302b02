"""A written text as the words that are said, in either language."""

import re

from tts.text import english, russian
from tts.text.addresses import ENGLISH, RUSSIAN, say_addresses
from tts.text.cleaning import clean
from tts.text.say_as import say_as

# A comma beside another sign, or where nothing is to be parted.
EXTRA_COMMAS = re.compile(
    r"(?:\s*,)+(?=\s*(?:[,.!?;:…)»]|$))|(?:^|(?<=[.!?;:…(«\n]))\s*(?:,\s*)+", re.M
)
BEFORE_SIGN = re.compile(r" +(?=[,.!?;:…»)])")
AFTER_END = re.compile(r"([.!?…])(?=[^\W\d_])")
SPACES = re.compile(r" {2,}")


def speakable(text: str, language: str, way: str = "") -> str:
    """Return the words of a text whose main language is "ru" or "en".

    `way` is how markup wants it said (`tts.text.say_as`). Whatever the text, this never fails, and
    no digit, address or emoji is left.
    """
    text = clean(text, language)
    if way:
        text = say_as(text, way, language)
    names, say = (RUSSIAN, russian.say) if language == "ru" else (ENGLISH, english.say)
    return tidy(say(say_addresses(text, names)))


def tidy(text: str) -> str:
    """Mend the spaces and commas that the replacing has left."""
    text = AFTER_END.sub(r"\1 ", EXTRA_COMMAS.sub("", text))
    return SPACES.sub(" ", BEFORE_SIGN.sub("", text))
