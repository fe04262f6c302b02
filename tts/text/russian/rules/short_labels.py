"""Abbreviated labels before their numbers: п. 3, стр. 45–52, § 4."""

import re
from re import Match

from tts.text.russian.grammar.counting import cardinal_cases
from tts.text.russian.grammar.heads import find_head
from tts.text.russian.grammar.morphology import decline
from tts.text.russian.grammar.noun_cases import case_of_noun, label_case
from tts.text.russian.rules.places import is_in_address
from tts.text.russian.tables.abbreviations import BEFORE_NUMBER, LAW_RANKS, SEVERAL
from tts.text.scanning import Context, Rule

START = r"(?<![\w-])"
SEVERAL_NUMBERS = re.compile(
    r"\s*(\d{1,4})(?:\.\d{1,3}){0,3}[а-я]?(?:\s?[–—-]\s?(\d{1,4})"
    r"|(?:\s*,\s*\d{1,4}[а-я]?)*\s+и\s+(\d{1,4})(?:\.\d{1,3}){0,3})(?![\w.,]*\d|-)"
)
TELEPHONE = re.compile(r"\s*:?\s*(?:\+?[78][\s(-]|\d{2,3}-\d\d-\d\d|\(\d{3})")
SIGN_NOUNS = {"№": "номер", "N": "номер", "§": "параграф"}
LABELLED = re.compile(r"\s*:?\s*(?:№?\s*[+(]?\d|[A-Z]+\b|[«\"]?[А-ЯЁ](?![\w.])|[«\"][а-яё][»\"])")
REPEATED = re.compile(rf"{START}(ст|гл|п|стр|рис|разд)\.\s?\1\.\s*(?=\d)", re.IGNORECASE)
SIGNS = re.compile(rf"{START}(№№|№|N|§§|§)\s*(?=\d|[А-ЯЁA-Zа-яё])")


def read_before_number(short: str, match: Match[str], context: Context) -> str | None:
    """Read "п. 3", "д. 5", "стр. 12", which is a building in an address."""
    if short not in BEFORE_NUMBER or not LABELLED.match(match.string, match.end()):
        return None
    if short == "т" and TELEPHONE.match(match.string, match.end()):
        short = "тел"
    is_building = short == "стр" and is_in_address(context, match.start())
    noun = "строение" if is_building else BEFORE_NUMBER[short]
    is_plural = numbers_several(noun, match.end(), context)
    return decline(noun, label_case(noun, match.start(), context), is_plural)


def numbers_several(noun: str, position: int, context: Context) -> bool:
    """Tell whether a label has several numbers: стр. 45–52, кв. 12 и 14."""
    found = SEVERAL_NUMBERS.match(context.text, position)
    if not found:
        return False
    first, last, listed = (int(number or 0) for number in found.groups())
    if last:
        return noun in SEVERAL and first < last
    head = find_head(listed, context, found.end())
    is_counted = head is not None and any(cardinal_cases(form, listed) for form in head.forms)
    return noun in LAW_RANKS or not is_counted


def read_sign(match: Match[str], context: Context) -> str | None:
    sign = match[1]
    if sign == "N" and not match.string[match.end()].isdecimal():
        return None
    case, noun = case_of_noun(context, match.start()), SIGN_NOUNS[sign[0]]
    is_plural = len(sign) > 1 or (sign == "§" and numbers_several(noun, match.end(), context))
    return decline(noun, case, is_plural) + " "


def read_repeated(match: Match[str], context: Context) -> str:
    """Read "ст. ст. 10 и 12"."""
    noun = BEFORE_NUMBER[match[1].lower()]
    return decline(noun, label_case(noun, match.start(), context), is_plural=True) + " "


REPEATED_RULES = [Rule("я", REPEATED, read_repeated)]
RULES = [Rule(".a", SIGNS, read_sign)]
