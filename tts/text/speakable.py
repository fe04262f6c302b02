"""Normalisation: a written text becomes the words to be spoken, in Russian or English."""

import re
from re import Match

from tts.text import english, russian
from tts.text.addresses import ENGLISH, RUSSIAN, say_addresses
from tts.text.cleaning import clean
from tts.text.say_as import say_as

# A comma next to other punctuation, or with nothing to separate.
EXTRA_COMMAS = re.compile(
    r"(?:[^\S\n]*,)+(?=[^\S\n]*(?:[,.!?;:…)»]|$))"
    r"|(?:^|(?<=[.!?;:…(«]))[^\S\n]*(?:,[^\S\n]*)+",
    re.MULTILINE,
)
BEFORE_SIGN = re.compile(r" +(?=[,.!?;:…»)])")
AFTER_END = re.compile(r"([.!?…])(?=[^\W\d_])")
SPACES = re.compile(r" {2,}")
# The end of a line without punctuation, and the beginning of the next line.
LINE_END = re.compile(r"(?<=[\w»”\")\]])[^\S\n]*(?=\n\s*(\S))")
# Lines longer than this that continue in lower case are wrapped text, and one sentence.
WRAPPED = 50


def speakable(text: str, language: str, way: str = "") -> str:
    """Return the words of a text whose main language is "ru" or "en".

    `way` is the interpretation set by markup (`tts.text.say_as`). Works for any text; the result
    contains no digits, addresses or emoji.
    """
    text = clean(text, language)
    if way:
        text = say_as(text, way, language)
    names, say = (RUSSIAN, russian.say) if language == "ru" else (ENGLISH, english.say)
    return tidy(say(say_addresses(text, names)))


def tidy(text: str) -> str:
    """Clean up spaces and commas after the replacements, and add pauses at the end of lines."""
    text = AFTER_END.sub(r"\1 ", EXTRA_COMMAS.sub("", text))
    return LINE_END.sub(pause, SPACES.sub(" ", BEFORE_SIGN.sub("", text)))


def pause(match: Match[str]) -> str:
    """Return the punctuation for a line break: voices pause at punctuation only."""
    if not match[1].islower():
        return "."
    line = match.start() - match.string.rfind("\n", 0, match.start())
    return "" if line > WRAPPED else ","
