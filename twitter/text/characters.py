"""Classes of characters: combining marks, invisible characters, scripts without spaces."""

import unicodedata
from collections.abc import Iterable

from core.text.visibility import BLANK, MARK_CATEGORIES

JOINERS = "\u200c\u200d"
"""Zero-width characters that Persian spelling and many emoji need."""


def may_be_in_name(character: str) -> bool:
    """Return whether names may contain a character: it is visible or a joiner."""
    is_hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return character in JOINERS or not (is_hidden or character in BLANK)


def _character_class(codes: Iterable[int]) -> str:
    """Return ascending code points as the content of a character class of `re`."""
    spans: list[list[int]] = []
    for code in codes:
        if spans and code == spans[-1][1] + 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in spans)


UNSPACED = (
    "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uff66-\uff9f\U00020000-\U0003ffff"
)
"""Chinese, Japanese and Korean, which search matches regardless of spaces; a character class."""

MARKS = _character_class(
    code
    # All combining marks of Unicode are in these ranges.
    for code in (*range(0x300, 0x20000), *range(0xE0100, 0xE01F0))
    if unicodedata.category(chr(code)) in MARK_CATEGORIES
)
"""All combining marks, as the content of a character class."""
