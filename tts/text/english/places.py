"""Addresses in English: streets, directions, flats, states and post codes."""

import re
from re import Match

from tts.text.english.letters import spell_letters
from tts.text.english.numerals import row, spell
from tts.text.english.tables.places import DIRECTIONS, STATES, STREETS
from tts.text.english.tables.words import TITLES
from tts.text.scanning import Context, Rule, final_stop

STREET_NAME = "|".join(sorted(STREETS, key=len, reverse=True))
DIRECTION = "|".join(sorted(DIRECTIONS, key=len, reverse=True))
STREET = re.compile(rf"(?<=[\w.]\s)({STREET_NAME})(?:\.|(?=,|$|\s))(?!\w)")
# A direction before a street (N. Main St., 1200 W 7th), and behind one (Ave. NW).
BEFORE_STREET = re.compile(
    rf"(?<![\w.'’])({DIRECTION})(?:\.\s?|\s)"
    rf"(?=(?:\d+(?:st|nd|rd|th)|(?:[A-Z][a-z’']+\s){{1,2}}(?:{STREET_NAME}|Street|Avenue|Road))(?!\w))"
)
BEHIND_NUMBER = re.compile(rf"(?<=\d\s)({DIRECTION})(?:\.\s?|\s)(?=[A-Z][a-z])")
BEHIND_STREET = re.compile(rf"(?<=[\w.]\s)({DIRECTION})(?![\w'’])\.?")
HEADING = re.compile(r"(?<![\w.'’])([NSEW])\.\s(?=(?:on|of|along|from|to|toward)\s)")
STATE = re.compile(rf"(?<=[a-z.],\s)({'|'.join(STATES)})(?=\s+\d{{5}}(?!\d)|[,.;:!?)]|$)")
ZIP = re.compile(r"(?<![\w.,$€£-])(\d{5})(?:-(\d{4}))?(?![\w-]|[.,]\d)")
POSTCODE = re.compile(r"(?<!\w)([A-Z]{1,2})(\d{1,2})([A-Z]?)\s(\d)([A-Z]{2})(?!\w)")
BOX = re.compile(r"(?<!\w)P\.?\s?O\.?(?=\s[Bb]ox\b)")
STREET_WORDS = frozenset((*STREETS, *STREETS.values()))
ZIP_WORDS = frozenset(row("zip code postcode zipcode zips"))
ORDINAL_ENDINGS = frozenset(row("st nd rd th"))


def is_street(match: Match[str], context: Context) -> bool:
    """Tell whether a street's name and, before it, a house number or "on" is there."""
    words = [token.text for token in context.before(match.start(), 4)]
    if not words or not words[0][0].isupper():
        return bool(words) and words[0] in ORDINAL_ENDINGS
    return any(word.isdigit() or word.lower() in ("on", "at", "of", "from") for word in words[1:])


def read_street(match: Match[str], context: Context) -> str | None:
    """Read "Oak St.", "5th Ave"."""
    name, words = match[1], [token.text for token in context.before(match.start(), 6)]
    has_dot, after = match[0].endswith("."), context.word_after(match.end())
    last = words[1] if words[0] == "." and len(words) > 1 else words[0]
    if not (last[0].isupper() or last in ORDINAL_ENDINGS):
        return None
    is_title = name in TITLES and not has_dot and after[:1].isupper()
    is_numbered = any(word.isdigit() for word in words)
    if is_title or (name == "Dr" and not (is_numbered or ends_street(after, words))):
        return None
    return STREETS[name] + final_stop(match, context)


def ends_street(after: str, words: list[str]) -> bool:
    """Tell the Drive of "on Lake Dr. near us" from the doctor of "Meet Dr. and Mrs. Hall"."""
    is_inside = len(words) > 1 and words[1] not in ".!?"
    return is_inside and after != "and" and not after[:1].isupper()


def read_direction(match: Match[str], context: Context) -> str:
    """Read "1200 W. 7th St.", "N. Main St."."""
    return f"{DIRECTIONS[match[1]]} "


def read_behind(match: Match[str], context: Context) -> str | None:
    """Read "Pennsylvania Ave. NW", "I-80 E"."""
    tokens = [token.text for token in context.before(match.start(), 2)]
    name = tokens[1] if tokens[0] == "." and len(tokens) > 1 else tokens[0]
    return DIRECTIONS[match[1]] + final_stop(match, context) if name in STREET_WORDS else None


def read_state(match: Match[str], context: Context) -> str:
    return STATES[match[1]]


def read_zip(match: Match[str], context: Context) -> str | None:
    """Read the five digits behind a state, or behind "zip code"."""
    tokens = [token.text for token in context.before(match.start(), 6)]
    is_behind_state = bool(tokens) and (tokens[0] in STATES or tokens[:3] == [".", "C", "."])
    if not is_behind_state and ZIP_WORDS.isdisjoint(token.lower() for token in tokens):
        return None
    return ", ".join(spell(group) for group in match.groups() if group)


def read_postcode(match: Match[str], context: Context) -> str:
    """Read "SW1A 1AA"."""
    area, district, letter, sector, unit = match.groups()
    parts = spell_letters(area), spell(district), spell_letters(letter), spell(sector)
    return " ".join(filter(None, (*parts, spell_letters(unit))))


def read_box(match: Match[str], context: Context) -> str:
    return spell_letters("PO")


RULES = [
    Rule("a", POSTCODE, read_postcode),
    Rule("a", BOX, read_box),
    Rule("a", BEFORE_STREET, read_direction),
    Rule("a", BEHIND_NUMBER, read_direction),
    Rule("a", HEADING, read_direction),
    Rule("a", BEHIND_STREET, read_behind),
    Rule("a", STATE, read_state),
    Rule("a", STREET, read_street),
    Rule("0", ZIP, read_zip),
]
