"""The usual ways to type units and signs, made one: °С with a Cyrillic letter, м2, Ⅻ."""

import re
import unicodedata
from re import Match

ROMAN = re.compile(r"[\u2160-\u2188]+")
DEGREES = re.compile(r"[°º˚]\s?[СCсc](?!\w)")
FAHRENHEIT = re.compile(r"[°º˚]\s?[Ff](?!\w)")
POWER = re.compile(r"(?<![а-яё])(?:(км|см|дм|мм|м)|(?<=\d)(\s?(?:КМ|СМ|М)))\^?([23])(?!\w|[.,]\d)")
FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8"}
PLAIN = str.maketrans({"º": "°", "˚": "°", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "‑": "-"})
SUPERSCRIPTS = {"2": "²", "3": "³"}
DIGIT_GROUPS = re.compile(r"(?<=\d)['’](?=\d{3}(?!\d))")


def normalise(text: str) -> str:
    """Return the text with one way of writing each unit and sign."""
    text = ROMAN.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    text = text.replace("℃", "°C").replace("℉", "°F")
    text = FAHRENHEIT.sub("°F", DEGREES.sub("°C", text))
    text = "".join(map(plain_digit, text)).translate(PLAIN)
    text = DIGIT_GROUPS.sub(" ", text)
    text = POWER.sub(raised, text)
    for sign, written in FRACTIONS.items():
        text = text.replace(sign, f" {written} ") if sign in text else text
    return text


def plain_digit(character: str) -> str:
    """Return a digit of any script as an ASCII one."""
    if character.isascii() or not character.isdecimal():
        return character
    return str(unicodedata.decimal(character))


def raised(match: Match[str]) -> str:
    return f"{(match[1] or match[2]).lower()}{SUPERSCRIPTS[match[3]]}"
