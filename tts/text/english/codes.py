"""Telephones, network addresses, versions and codes in English."""

import re
from re import Match

from tts.text.english.letters import spell_letters
from tts.text.english.numerals import (
    counted,
    spell,
    whole,
    year,
)
from tts.text.english.tables.words import WORDS
from tts.text.scanning import Context, Rule

GAP = r"[\s.-]{0,2}"
PHONE = re.compile(
    rf"(?<![\w+])(\+?\d{{1,3}})?{GAP}\(?(\d{{3}})\)?{GAP}(\d{{3}})[\s.-]?(\d{{2}})[\s.-]?(\d{{2}})(?![\w-]|[.,]\d)"
)
FOREIGN = re.compile(rf"(?<![\w])\+\d{{1,3}}(?:{GAP}\(?\d{{1,4}}\)?){{2,5}}(?![\w-])")
NATIONAL = re.compile(r"(?<![\w.,+-])0\d{2,4}(?:[\s-]\d{3,4}){2}(?![\w-]|[.,]\d)")
# An extension behind a telephone number, and the short number that texts are sent to.
EXTENSION = re.compile(r"(?<=\d{4}\s)[xX]\.?\s?(\d{1,5})(?!\w)")
TEXTED = re.compile(r"(?<=\bto\s)\d{5,6}(?![\w-]|[.,]\d)")
LOCAL = re.compile(r"(?<![\w+-])(\d{3})-(\d{4})(?![\w-])")
IP = re.compile(r"(?<![\w.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\w.]\d)")
VERSION = re.compile(
    r"(?<![\w.])[vV]?(\d+(?:\.\d+){2,})(?!\w|\.\d)|(?<![\w.])[vV]\.?\s?(\d+(?:\.\d+)*)(?!\w|\.\d)"
)
QUARTER = re.compile(r"(?<![\w-])(Q)([1-4])\s+(19\d\d|20\d\d)(?!\w|[.,]\d)")
CODE = re.compile(r"(?<!\w)([A-Z]{1,5})[-–]?(\d+)([A-Z]?)(?![\w]|\.\d|-\d)")
CODE_RANGE = re.compile(r"(?<!\w)([A-Z]{1,2})(\d+)\s?[–-]\s?\1(\d+)(?!\w)")
LETTERED = re.compile(r"(?<![\w.,])(\d+)(?:\.(\d+))?([A-Z]{1,3}|x)(?!\w)")
# 1080p, 2FA: the letters that follow belong to the number.
VIDEO = re.compile(r"(?<![\w.,])(144|240|360|480|720|1080|1440|2160|4320)([pi])(?!\w)")


def read_phone(match: Match[str], context: Context) -> str:
    groups = [found for found in match.groups() if found]
    return say_groups(groups, groups[0].startswith("+"))


def say_groups(groups: list[str], is_international: bool) -> str:
    plus = "plus " if is_international else ""
    return plus + ", ".join(spell(group.lstrip("+")) for group in groups)


def read_foreign(match: Match[str], context: Context) -> str:
    return say_groups(re.findall(r"\d+", match[0]), is_international=True)


def read_national(match: Match[str], context: Context) -> str:
    """Read "020 7946 0123"."""
    return say_groups(re.findall(r"\d+", match[0]), is_international=False)


def read_extension(match: Match[str], context: Context) -> str:
    return f"extension {whole(match[1])}"


def read_texted(match: Match[str], context: Context) -> str | None:
    words = {token.text.lower() for token in context.before(match.start(), 5)}
    return None if words.isdisjoint(("text", "sms", "txt")) else spell(match[0])


def read_ip(match: Match[str], context: Context) -> str:
    return " point ".join(map(whole, match.groups()))


def read_version(match: Match[str], context: Context) -> str:
    named = "version " if match[0][0] in "vV" else ""
    return named + " point ".join(whole(number) for number in (match[1] or match[2]).split("."))


def read_code(match: Match[str], context: Context) -> str | None:
    """Read B12, BA117, COVID-19, Q4."""
    name, digits, tail = match.groups()
    said = name if name in WORDS or (len(name) > 4 and "-" in match[0]) else spell_letters(name)
    return " ".join(filter(None, (said, whole(digits), spell_letters(tail))))


def read_quarter(match: Match[str], context: Context) -> str:
    """Read "Q2 2023", where a year follows."""
    return f"{spell_letters(match[1])} {whole(match[2])} {year(int(match[3]))}"


def read_code_range(match: Match[str], context: Context) -> str:
    """Read "Q1-Q3"."""
    name = spell_letters(match[1])
    return f"{name} {whole(match[2])} to {name} {whole(match[3])}"


def read_lettered(match: Match[str], context: Context) -> str:
    """Read 221B, 5G, 2x."""
    digits, part, letter = match.groups()
    return f"{counted(digits, part)} {'times' if letter == 'x' else spell_letters(letter)}"


def read_video(match: Match[str], context: Context) -> str:
    digits = match[1]
    pair = digits if len(digits) == 3 else f"{digits[:2]} {digits[2:]}"
    return f"{' '.join(map(whole, pair.split()))} {spell_letters(match[2])}"


# Before dates and measures, which have the same numbers.
NUMBER_RULES = [
    Rule("0.", PHONE, read_phone),
    Rule(".", FOREIGN, read_foreign),
    Rule("0", LOCAL, read_phone),
    Rule("0", NATIONAL, read_national),
    Rule("a", EXTENSION, read_extension),
    Rule("0", TEXTED, read_texted),
    Rule("0", IP, read_ip),
    Rule("0", VIDEO, read_video),
]
RULES = [
    Rule("0a", VERSION, read_version),
    Rule("a", CODE_RANGE, read_code_range),
    Rule("a", QUARTER, read_quarter),
    Rule("a", CODE, read_code),
    Rule("0", LETTERED, read_lettered),
]
