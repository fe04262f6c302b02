"""Which language is written, by its letters: Russian or English."""

import re
from collections.abc import Iterator

CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
LATIN = re.compile(r"[a-z]", re.IGNORECASE)
# A text of which a fifth is Russian is read as Russian with foreign words in it.
SHARE = 0.2

WORDS = {"en": r"[A-Za-z][A-Za-z'’]*", "ru": r"[а-яёА-ЯЁ]+"}
RUNS = {language: re.compile(rf"{word}(?:[\s,–—-]+{word})*") for language, word in WORDS.items()}


def main_language(text: str, default: str = "ru") -> str:
    """Return "ru" or "en"; a text without letters is in the default language."""
    russian, english = len(CYRILLIC.findall(text)), len(LATIN.findall(text))
    if not (russian or english):
        return default
    return "ru" if russian >= SHARE * (russian + english) else "en"


def runs(text: str, main: str) -> Iterator[tuple[str, str]]:
    """Part a text into (language, text), losing nothing; what has no letters goes with its left."""
    other = "en" if main == "ru" else "ru"
    start = 0
    for found in RUNS[other].finditer(text):
        if text[start : found.start()].strip():
            yield main, text[start : found.start()]
            start = found.start()
        yield other, text[start : found.end()]
        start = found.end()
    if text[start:]:
        yield main, text[start:]


def can_be_said(text: str) -> bool:
    """Tell whether there is more in it than punctuation, which some engines refuse."""
    return any(character.isalnum() for character in text)
