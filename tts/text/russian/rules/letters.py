"""Letters after numbers that are no units: of houses, classes, seats and codes."""

import re
from re import Match

from tts.text.russian.grammar.labels import is_labelled
from tts.text.russian.grammar.numerals import group
from tts.text.russian.rules.codes import single
from tts.text.russian.rules.places import is_building
from tts.text.russian.tables.abbreviations import BUILDINGS
from tts.text.scanning import Context, Rule

START = r"(?<![\w.,])"
HYPHENED = re.compile(rf"{START}(\d+)-([А-ЯЁа-яё])(?![\w-]|\.\w)")
JOINED = re.compile(rf"{START}(\d+)([А-ЯЁа-яёA-Za-z])(\d+)(?!\w)")
LETTER = re.compile(rf"{START}(\d+)[ \u00a0]?[«\"]?([А-ЯЁA-Zа-яё])[»\"]?(?!\w|\.\w|-\w)")
PHRASE_END = re.compile(r"\s*(?:[,;:)!?»]|\.?\s*$)")
# Words of one letter, which a number may precede: 5 и 6, 3 в ряд.
WORDS = frozenset("авискоуя")


def read_letter(match: Match[str], context: Context) -> str | None:
    """Read the letter of a house, a class or a seat: 12А, 5 «Б», 3 Г."""
    number, letter = match.groups()
    is_spaced = match.string[match.end(1) : match.start(2)].isspace()
    is_word = letter.islower() or letter.lower() in WORDS
    if is_spaced and is_word and not ends_phrase(match, context):
        return None
    return f"{group(number)} {single(letter)}"


def ends_phrase(match: Match[str], context: Context) -> bool:
    """Tell whether a spaced letter ends the phrase of a label: "дом 7 а, квартира 3"."""
    is_end = PHRASE_END.match(match.string, match.end()) is not None
    return is_end and is_labelled(context, match.start())


def read_code(match: Match[str], context: Context) -> str | None:
    """Read "№ 15-к", "домофон 17к2244", but not "Заводская, 3с5"."""
    first, letter, *last = match.groups()
    if last and letter in BUILDINGS and is_building(context, match.end(1)):
        return f"{group(first)} {BUILDINGS[letter]} {group(last[0])}"
    return " ".join([group(first), single(letter), *map(group, last)])


RULES = [
    Rule("0", HYPHENED, read_code),
    Rule("0", JOINED, read_code),
    Rule("0", LETTER, read_letter),
]
