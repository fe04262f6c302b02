"""The names of letters."""

from tts.text.english.tables.words import LETTERS


def spell_letters(text: str) -> str:
    """Return the names of the letters; what is no English letter stays."""
    return " ".join(LETTERS.get(letter.lower(), letter) for letter in text if not letter.isspace())
