"""Quantities with units in English."""

import re
from re import Match

from tts.text.english.attributes import DETERMINERS, is_attribute, singular
from tts.text.english.money import PER_NAME
from tts.text.english.numerals import (
    DASH,
    NUMBER,
    PREFIXES,
    SMALL,
    START,
    TENS,
    counted,
    fraction,
    row,
    value,
)
from tts.text.english.tables.units import PER, SCALES, UNITS
from tts.text.scanning import Context, Rule, final_stop

UNIT = "|".join(
    re.escape(unit).replace(r"\ ", r"\s?") for unit in sorted(UNITS, key=len, reverse=True)
)
# The end of a unit; of what is counted per unit another may follow.
END = rf"(?![\w²³]|/(?!\d|(?:{PER_NAME})(?!\w)))"
MEASURE = re.compile(
    rf"{START}([–−+-](?=\d))?{NUMBER}(?:\s(\d)/(\d))?[\s-]?({UNIT}){END}(?:\.(?!\w))?(?:/({PER_NAME})(?!\w))?"
)
MEASURE_RANGE = re.compile(
    rf"{START}([–−-])?{NUMBER}{DASH}{NUMBER}[\s-]?({UNIT})(?![\w²³])(?:\.(?!\w))?"
)
PART = re.compile(rf"{START}([1-9])/([1-9]\d?)\s?({UNIT}|c)(?![\w²³/])(?:\.(?!\w))?")
SIZE = re.compile(rf"{START}{NUMBER}\s?({UNIT}|\"|')?\.?\s?[xX×]\s?(?=\d)")
SCALED = re.compile(rf"{START}([–−-](?=\d))?{NUMBER}\s?(mln|mn|bn|tn|k|K|M|B)(?!\w)")
BARE = re.compile(
    rf"(?<![\w/])({'|'.join(re.escape(unit) for unit in UNITS if '/' in unit[1:-1])})(?![\w/])"
)
PER_UNIT = re.compile(r"(?:(?<=\bper )|(?<=\ba ))(mo|yr|hr|wk|min|sec|lb|gal)(?:\.|(?!\w))")
LETTERED = frozenset(
    row("route highway exit gate room seat apartment apt unit flat bus class grade section suite")
)
FEET_BEFORE = re.compile(r"\d\s?(?:ft|feet|foot)\.?\s?$")
AT_LEAST = re.compile(rf"{START}{NUMBER}\+\s?({UNIT})(?![\w²³/])(?:\.(?!\w))?")
STREET_BEHIND = re.compile(r"\s+(?:[A-Z][a-z]|\d+(?:st|nd|rd|th)\b)")
HOURS_BEFORE = re.compile(r"\d\s?(?:h|hr|hrs)\s?$")
# Celsius and Fahrenheit without the sign of degrees, where the talk is of heat.
DEGREES = re.compile(rf"{START}([–−-](?=\d))?{NUMBER}\s?([CF])(?!\w)")
HEAT = frozenset(
    row(
        "oven bake baked heat heated preheat temp temps temperature temperatures fever high highs"
        " low lows hit reached cook roast roasted boils freezes weather outside dropped rose cold"
        " hot degrees below"
    )
)
NUMBER_BEHIND = re.compile(r"\s\d")
# Units that are words as well, or endings of ordinals, unless they are right behind the number.
WORDS = frozenset(row("in p d st"))
NUMBERS = frozenset((*SMALL, *TENS, "hundred"))
AFTER_INCHES = frozenset(("", *row("by wide tall long deep high thick x")))


def read_measure(match: Match[str], context: Context) -> str | None:
    """Read "5 km", "-5 °C", "3 1/4 yards", "a 12-inch ruler", "5 mg/kg"."""
    sign, digits, part, upper, lower, unit, per = match.groups()
    is_letter = len(unit) == 1 and unit.isupper()
    if is_letter and context.word_before(match.start()) in LETTERED:
        return None  # Route 9W
    if unit == "W" and STREET_BEHIND.match(match.string, match.end()):
        return None
    if not is_unit_here(match, unit, context):
        return None
    one, several = UNITS["min"] if unit == "m" and is_after_hours(match) else unit_names(unit)
    is_adjective = match.string[match.start(6) - 1] == "-" or (
        not per and is_attribute(match, context)
    )
    is_one = value(digits) == 1 and not part and not upper
    name = singular(one) if is_adjective else one if is_one else several
    said = f"{counted(digits, part)}{say_part(upper, lower)} {name}"
    said = PREFIXES.get(sign or "", "") + said + (f" per {PER[per]}" if per else "")
    return said + final_stop(match, context)


def say_part(upper: str | None, lower: str | None) -> str:
    """Return the fraction of a mixed number: and a half, and one quarter."""
    if not upper or not lower:
        return ""
    return " and a half" if upper + lower == "12" else f" and {fraction(int(upper), int(lower))}"


def is_after_hours(match: Match[str]) -> bool:
    """Tell minutes from metres: "2h 15m"."""
    return HOURS_BEFORE.search(match.string, max(0, match.start() - 8), match.start()) is not None


def read_part(match: Match[str], context: Context) -> str | None:
    """Read "1/4 tsp"."""
    upper, lower, unit = match.groups()
    is_word = unit in WORDS and not match[0].endswith(".")
    if int(upper) >= int(lower) or is_word:
        return None
    return f"{fraction(int(upper), int(lower))} {unit_names(unit)[0]}{final_stop(match, context)}"


def is_unit_here(match: Match[str], unit: str, context: Context) -> bool:
    """Tell a unit from a word of the same spelling: "5 in a row"."""
    is_attached = not match.string[match.start(6) - 1].isspace()
    if unit == "c." and not context.word_after(match.end()).islower():
        return False
    if unit not in WORDS or is_attached:
        return True
    if unit == "in" and FEET_BEFORE.search(match.string, max(0, match.start() - 8), match.start()):
        return True
    is_before_number = NUMBER_BEHIND.match(match.string, match.end()) is not None
    if unit == "st":
        return is_before_number
    after = context.word_after(match.end()).lower()
    if unit == "in" and match[0].endswith(".") and after:
        return True
    describes = is_attribute(match, context) and after not in NUMBERS
    return unit == "in" and (after in AFTER_INCHES or describes) and not is_before_number


def unit_names(unit: str) -> tuple[str, str]:
    if unit in UNITS or f"{unit}." in UNITS:
        return UNITS.get(unit) or UNITS[f"{unit}."]
    return next(
        names for name, names in UNITS.items() if name.replace(" ", "") == re.sub(r"\s", "", unit)
    )


def read_bare(match: Match[str], context: Context) -> str:
    """Read a unit without its number: "in km/h"."""
    return UNITS[match[1]][1]


def read_at_least(match: Match[str], context: Context) -> str | None:
    """Read "8+ hrs"."""
    digits, part, unit = match.groups()
    if unit in WORDS:
        return None
    return f"{counted(digits, part)} plus {unit_names(unit)[1]}{final_stop(match, context)}"


def read_per_unit(match: Match[str], context: Context) -> str:
    """Read "per mo."."""
    return UNITS[match[1]][0] + final_stop(match, context)


def read_measure_range(match: Match[str], context: Context) -> str | None:
    minus, first, first_part, last, last_part, unit = match.groups()
    if unit in WORDS and not (unit == "in" and match[0].endswith(".")):
        return None
    said = f"{counted(first, first_part)} to {counted(last, last_part)} {unit_names(unit)[1]}"
    return f"{'minus ' if minus else ''}{said}{final_stop(match, context)}"


def read_degrees(match: Match[str], context: Context) -> str | None:
    """Read "Bake at 350F"."""
    sign, digits, part, scale = match.groups()
    around = [*context.before(match.start(), 8), *context.after(match.end(), 3)]
    if HEAT.isdisjoint(token.text.lower() for token in around):
        return None
    return PREFIXES.get(sign or "", "") + f"{counted(digits, part)} {UNITS[f'°{scale}'][1]}"


def read_size(match: Match[str], context: Context) -> str:
    digits, part, unit = match.groups()
    names = {'"': ("inch", "inches"), "'": ("foot", "feet")}
    behind = match.string[match.end() : match.end() + 8]
    is_product = "=" in behind or behind.startswith("10^")
    if not unit:
        return f"{counted(digits, part)} {'times' if is_product else 'by'} "
    one, several = names.get(unit) or unit_names(unit)
    is_one = value(digits) == 1 and not part
    describes = context.word_before(match.start()) in DETERMINERS
    return f"{counted(digits, part)} {one if is_one or describes else several} by "


def read_scaled(match: Match[str], context: Context) -> str | None:
    """Read 5M, 3bn; k after a number is its letter, as one says it: a ten k run."""
    sign, digits, part, scale = match.groups()
    prefix = PREFIXES.get(sign or "", "")
    if scale in "kK":
        return f"{prefix}{counted(digits, part)} kay"
    if scale == "B" and not part:
        return None
    return f"{prefix}{counted(digits, part)} {SCALES[scale.lower()]}"


RULES = [
    Rule("0", SIZE, read_size),
    Rule("a", BARE, read_bare),
    Rule("a", PER_UNIT, read_per_unit),
    Rule("0", AT_LEAST, read_at_least),
    Rule("0.", MEASURE_RANGE, read_measure_range),
    Rule("0", PART, read_part),
    Rule("0.", MEASURE, read_measure),
    Rule("0.", DEGREES, read_degrees),
    Rule("0.", SCALED, read_scaled),
]
