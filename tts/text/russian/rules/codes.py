"""Numbers that count nothing: telephones, versions, cards, laws, models."""

import re
from re import Match

from tts.text.english.tables.words import WORDS
from tts.text.russian.grammar.cases import row
from tts.text.russian.grammar.numerals import cardinal, digits, group, whole
from tts.text.russian.tables.letters import LATIN_LETTERS, LETTERS, SPELLED, SYMBOLS, VOWELS
from tts.text.scanning import Context, Rule

GAP = r"[ \u00a0\u2011-]{0,3}"
START = r"(?<![\w+.,])"
MOBILE = re.compile(
    rf"{START}(\+7|8|7){GAP}\(?(\d{{3}})\)?{GAP}(\d{{3}}){GAP}(\d{{2}}){GAP}(\d{{2}})(?![\w-])"
)
CITY = re.compile(
    rf"{START}(\+7|8){GAP}\((\d{{4,5}})\){GAP}(\d{{1,3}})[ -](\d{{2}})[ -](\d{{2}})(?![\w-])"
)
FOREIGN = re.compile(
    rf"{START}(\+\d{{1,3}}){GAP}\(?(\d{{2,4}})\)?{GAP}(\d{{2,4}}){GAP}(\d{{2,4}})"
    rf"(?:{GAP}(\d{{2,4}}))?(?![\w-])"
)
NO_COUNTRY = re.compile(
    rf"{START}\(?(\d{{3}})\)?{GAP}(\d{{3}})[ -](\d{{2}})[ -](\d{{2}})(?![\w-]|[.,]\d)"
)
LOCAL = re.compile(rf"{START}(\d{{1,3}})-(\d{{2}})-(\d{{2}})(?![\w-])")
TEN_DIGITS = re.compile(r"(?<![\w+.,])(9\d{2})(\d{3})(\d{2})(\d{2})(?!\w)")
FREE_OF_CHARGE = re.compile(rf"{START}(8)[ -]?\(?(800)\)?((?:[ -]?\d){{7}})(?![\w-])")
CARD = re.compile(rf"{START}(\d{{4}}[ -]\d{{4}}[ -]\d{{4}}[ -]\d{{4}})(?![\w-])")
SNILS = re.compile(rf"{START}(\d{{3}})-(\d{{3}})-(\d{{3}})[ -](\d{{2}})(?![\w-])")
VERSION = re.compile(
    r"(?<![\w.])[vV]?\.?(\d+(?:\.\d+){2,})(?!\w|\.\d)"
    r"|(?<![\w.])[vV]\.?(\d+(?:\.\d+)*)(?!\w|\.\d)"
)
# What identifies and is dictated digit by digit.
IDENTIFIERS = frozenset(row("инн огрн огрнип снилс кпп бик счет счёт окпо трек расчётный"))
LONG = re.compile(r"(?<![\w.,])(\d{8,})(?![\w]|[.,]\d)")
LAW = re.compile(r"(?<![\w.,])(\d{1,4})(?:-?й)?[-‑–]\s?([А-ЯЁ]{1,5}|р)(?!\w)")
MIXED = re.compile(
    r"(?<!\w)([A-Z]{1,5}|[А-ЯЁ]{1,5}|[А-ЯЁ][а-яё]{1,2})[-‑–](\d+)(?![\d.,]*\d)"
    r"([А-ЯЁA-Z]?)(?![\w-])"
)
MODEL = re.compile(r"(?<!\w)([A-Z]{1,2}|[А-ЯЁ]{1,2})(\d+)([A-Z]?)(?![\w]|-\d)")
GENERATION = re.compile(r"(?<![\w.,])(\d{1,2})([GK]|D)(?!\w)")
TELEPHONED = ("тел", "звон", "позвон", "номер", "моб", "факс", "whatsapp", "набер", "вызов")


def read_phone(match: Match[str], context: Context) -> str:
    """Return the groups of a telephone number, as they are dictated."""
    groups = [found for found in match.groups() if found]
    plus = "плюс " if groups[0].startswith("+") else ""
    return plus + ", ".join(group(number.lstrip("+")) for number in groups)


def read_free(match: Match[str], context: Context) -> str:
    """Read "8 800 2000 122", whose groups are as long as one likes."""
    rest = re.findall(r"\d+", match[3])
    if len(rest) == 1:
        rest = [rest[0][:3], rest[0][3:5], rest[0][5:]]
    return ", ".join(map(group, [match[1], match[2], *rest]))


def read_local(match: Match[str], context: Context) -> str | None:
    """Read 345-67-89, and 45-67-89 where a telephone is meant."""
    if len(match[1]) == 3 or is_telephoned(context, match.start()):
        return read_phone(match, context)
    return None


def read_ten_digits(match: Match[str], context: Context) -> str | None:
    return read_phone(match, context) if is_telephoned(context, match.start()) else None


def is_telephoned(context: Context, position: int) -> bool:
    words = [token.text.lower() for token in context.before(position, 5)]
    return words[:2] == [".", "т"] or any(word.startswith(TELEPHONED) for word in words)


def read_card(match: Match[str], context: Context) -> str:
    pairs = re.findall(r"\d\d", match[1])
    return ", ".join(" ".join(map(group, pairs[at : at + 2])) for at in range(0, 8, 2))


def read_version(match: Match[str], context: Context) -> str:
    is_named = match[0][0] not in "vV" or context.word_before(match.start()).startswith("верси")
    numbers = (match[1] or match[2]).split(".")
    return ("" if is_named else "версия ") + " точка ".join(map(group, numbers))


def read_long(match: Match[str], context: Context) -> str | None:
    """Read an identifier digit by digit; any other long number only when it cannot be counted."""
    words = [token.text.lower() for token in context.before(match.start(), 3)]
    if any(word in IDENTIFIERS for word in words) or len(match[1]) > 9:
        return digits(match[1])
    return None


def read_law(match: Match[str], context: Context) -> str:
    return f"{cardinal(int(match[1]))} {name_of(match[2])}"


def read_mixed(match: Match[str], context: Context) -> str | None:
    """Read "SU-1234", "Т-34", "Ту-154"."""
    name, number, tail = match.groups()
    if is_roman(name) and len(name) > 1:
        return None
    return " ".join(filter(None, (name_of(name), whole(number), spell_any(tail))))


def read_model(match: Match[str], context: Context) -> str:
    """Read "А4", "B12", "BA117"."""
    name, number, tail = match.groups()
    return " ".join(filter(None, (name_of(name), whole(number), spell_any(tail))))


def single(letter: str) -> str:
    """Return the name of a single letter: of a Latin one the Russian name it has in symbols."""
    lower = letter.lower()
    return LETTERS.get(lower) or SYMBOLS.get(lower, letter)


def name_of(name: str) -> str:
    if name[1:].islower() and len(name) > 1:
        return name
    if len(name) == 1:
        return single(name)
    if name in WORDS:
        return name
    if len(name) > 2 and VOWELS & set(name) and name not in SPELLED and name[0].lower() in LETTERS:
        return name
    return spell_any(name)


def spell_any(text: str) -> str:
    return " ".join(
        LETTERS.get(letter.lower()) or LATIN_LETTERS.get(letter.lower(), letter)
        for letter in text
        if not letter.isspace()
    )


def spell_russian(text: str) -> str:
    """Return the names of the letters; what is no Russian letter stays."""
    return " ".join(LETTERS.get(letter.lower(), letter) for letter in text if not letter.isspace())


def is_roman(name: str) -> bool:
    return not set(name) - set("IVXLC")


def read_generation(match: Match[str], context: Context) -> str:
    names = {"G": "джи", "K": "кей", "D": "дэ"}
    return f"{cardinal(int(match[1]))} {names[match[2]]}"


VERSION_RULES = [Rule("0a", VERSION, read_version)]
RULES = [
    Rule("0.", MOBILE, read_phone),
    Rule("0", FREE_OF_CHARGE, read_free),
    Rule("0.", CITY, read_phone),
    Rule(".", FOREIGN, read_phone),
    Rule("0", SNILS, read_phone),
    Rule("0", CARD, read_card),
    Rule("0.", NO_COUNTRY, read_phone),
    Rule("0", LOCAL, read_local),
    Rule("0", TEN_DIGITS, read_ten_digits),
    Rule("0", LONG, read_long),
    Rule("0", LAW, read_law),
    Rule("aя", MIXED, read_mixed),
    Rule("aя", MODEL, read_model),
    Rule("0", GENERATION, read_generation),
]
