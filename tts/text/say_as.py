"""SSML's <say-as>: texts that are said in a particular way."""

import re
from collections.abc import Callable
from re import Match

from tts.text.english.letters import spell_letters as spell_english
from tts.text.english.numerals import ordinal as english_ordinal
from tts.text.russian.grammar.numerals import ordinal as russian_ordinal
from tts.text.russian.rules.codes import spell_russian

# Larger ordinals are hard to follow; they are read as cardinals.
LONGEST_ORDINAL = 12
NUMBER = re.compile(r"\d+")


def say_as(text: str, way: str, language: str) -> str:
    """Return the text in the way that is asked for; what is left is read as any text."""
    return WAYS[way](text, language)


def characters(text: str, language: str) -> str:
    """Name every letter, digit and sign, with a little pause after each."""
    signs = [sign for sign in text if not sign.isspace()]
    return ", ".join(letter(sign, language) for sign in signs)


def letter(sign: str, language: str) -> str:
    named = spell_russian(sign)
    if named == sign:
        named = spell_english(sign)
    return DOT[language] if sign == "." else COMMA[language] if sign == "," else named


def digits(text: str, _: str) -> str:
    return re.sub(r"(?<=\d)(?=\d)", " ", text)


def cardinal(text: str, _: str) -> str:
    """Read one number, also where its thousands are parted by spaces or commas."""
    return re.sub(r"(?<=\d)[\s,](?=\d{3}(?!\d))", "", text)


def ordinal(text: str, language: str) -> str:
    return NUMBER.sub(lambda match: nth(match, language), text)


def nth(match: Match[str], language: str) -> str:
    if len(match[0]) > LONGEST_ORDINAL:
        return match[0]
    number = int(match[0])
    return russian_ordinal(number) if language == "ru" else english_ordinal(number)


def telephone(text: str, _: str) -> str:
    """Read a number that is no usual telephone number in pairs of digits, the first maybe three."""
    bare = re.sub(r"[\s()-]", "", text)
    if not 4 <= len(bare) <= 9 or not bare.isascii() or not bare.isdigit():
        return text
    start = 2 + len(bare) % 2
    return ", ".join([bare[:start], *re.findall("..", bare[start:])])


def as_it_is(text: str, _: str) -> str:
    return text


DOT = {"ru": "точка", "en": "dot"}
COMMA = {"ru": "запятая", "en": "comma"}
WAYS: dict[str, Callable[[str, str], str]] = {
    "characters": characters,
    "spell-out": characters,
    "verbatim": characters,
    "digits": digits,
    "cardinal": cardinal,
    "number": cardinal,
    "ordinal": ordinal,
    "telephone": telephone,
    "date": as_it_is,
    "time": as_it_is,
    "currency": as_it_is,
    "unit": as_it_is,
}
