"""The plus sign before a stressed vowel, as texts for voices have it: молок+о, +амок."""

import re
from re import Match

from tts.text.russian.grammar.morphology import is_known

ACUTE = "\u0301"
MARKED = re.compile(r"(?<![\w+])([а-яё]*)\+([аеёиоуыэюя])([а-яё]*)(?![\w+])", re.IGNORECASE)


def mark_stress(text: str) -> str:
    """Put the stress on a vowel after a plus, unless it adds two words: соль+уксус."""
    return MARKED.sub(stressed, text) if "+" in text else text


def stressed(match: Match[str]) -> str:
    before, vowel, after = match.groups()
    if not before + after or is_sum(before, vowel + after):
        return match[0]
    return f"{before}{vowel}{ACUTE}{after}"


def is_sum(before: str, after: str) -> bool:
    """Tell whether both sides are words by themselves, and no word together."""
    if is_known(before + after):
        return False
    return bool(before) and is_known(before) and is_known(after) and len(before) > 2
