"""Which characters a reader sees."""

import unicodedata

MARK_CATEGORIES = ("Mn", "Mc", "Me")
UNSEEN_CATEGORIES = ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp", *MARK_CATEGORIES)

# Letters and symbols that are drawn as nothing: Hangul fillers, an empty Braille cell, a null note.
BLANK = "\u115f\u1160\u3164\uffa0\u2800\U0001d159"


def is_visible(character: str) -> bool:
    """Return whether a reader sees anything of a character that stands alone."""
    code = ord(character)
    # Unassigned, and by Unicode's rules ignored when a text is shown.
    is_ignored = code == 0x2065 or 0xFFF0 <= code <= 0xFFF8 or 0xE0000 <= code <= 0xE0FFF
    is_noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    is_unseen = character in BLANK or unicodedata.category(character) in UNSEEN_CATEGORIES
    return not (is_ignored or is_noncharacter or is_unseen)


def is_blank(text: str) -> bool:
    """Return whether a reader sees nothing of the text: it is empty, or made of such characters."""
    return not any(map(is_visible, text))
