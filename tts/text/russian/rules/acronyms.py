"""Acronyms, initials and single letters in Russian."""

import re
from re import Match

from tts.text.english.tables.words import WORDS
from tts.text.russian.grammar.morphology import decline, forms_of, is_known
from tts.text.russian.grammar.noun_cases import case_of_noun
from tts.text.russian.rules.codes import single, spell_russian
from tts.text.russian.tables.letters import LATIN_LETTERS, OWN_WAY, SPELLED, SYMBOLS, VOWELS
from tts.text.scanning import Context, Rule, full_stop

ACRONYM = re.compile(r"(?<![\w])([А-ЯЁ]{2,7})(?!\w)(-(?=[А-Яа-яЁё\d]))?")
CITY = re.compile(r"(?<![\w-])СПб(?!\w)\.?")
LATIN = re.compile(r"(?<![\w])([A-Z]{2,5})(?![\w])(-(?=\w))?")
INITIALS = re.compile(r"(?<![\w.])([А-ЯЁ])\.\s?(?:([А-ЯЁ])\.)?(?=\s?[А-ЯЁ][а-яё])")
INITIALS_AFTER = re.compile(r"(?<=[а-яё]\s)([А-ЯЁ])\.\s?([А-ЯЁ])\.")
SYMBOL = re.compile(r"(?<![\w'’])([A-Za-z])(?![\w'’])")
LETTER = re.compile(r"(?<![\w])([БГДЖЗЛМНПРТФХЦЧШЩЪЬ])(?![\w.-])")
FORMULA = re.compile(r"(?<!\w)(CO2|H2O|O2|N2|CH4|H2SO4|NO2|SO2|СО2|Н2О|[CС]\+\+|[CСF]#)(?!\w)")
PAIR = re.compile(r"(?<!\w)([A-Z])&([A-Z])(?!\w)")
FORMULAS = {
    "CO2": "си оу два", "СО2": "цэ о два", "H2O": "аш два о", "Н2О": "аш два о", "O2": "о два",
    "N2": "эн два", "CH4": "цэ аш четыре", "H2SO4": "аш два эс о четыре", "NO2": "эн о два",
    "SO2": "эс о два", "C++": "си плюс плюс", "С++": "си плюс плюс", "C#": "си шарп",
    "С#": "си шарп", "F#": "эф шарп",
}  # fmt: skip
# Consonants and vowels of what is spelled: two or more of a kind where no Russian word has them.
UNPRONOUNCEABLE = re.compile(r"1{4}|^1{3}|1{3}$")
UNPRONOUNCEABLE_SHORT = re.compile(r"^00|00$|^011$|^110$")
LONGEST_SPELLED = 5


def read_acronym(match: Match[str], context: Context) -> str | None:
    """Spell acronyms that are not pronounced as words."""
    word, joint = match[1], " " if match[2] else ""
    if word == "МСК" and context.word_before(match.start()) == "по":
        return "московскому времени" + joint
    if word in OWN_WAY:
        return OWN_WAY[word] + joint
    is_spelled = word in SPELLED or (is_unpronounceable(word) and not is_known(word))
    return spell_russian(word) + joint if is_spelled or not VOWELS & set(word) else None


def is_unpronounceable(word: str) -> bool:
    """Tell whether an acronym has more letters of a kind in a row than a Russian word has."""
    if len(word) > LONGEST_SPELLED:
        return False
    kinds = "".join("0" if letter in VOWELS else "1" for letter in word)
    is_doubled = word[-1] == word[-2] and word[-1] not in VOWELS
    is_short = len(word) < LONGEST_SPELLED and word[0] not in "СШ"
    return bool(
        is_doubled
        or UNPRONOUNCEABLE.search(kinds)
        or (is_short and UNPRONOUNCEABLE_SHORT.search(kinds))
    )


def read_city(match: Match[str], context: Context) -> str:
    city = decline("петербург", case_of_noun(context, match.start()))
    return f"Санкт-{city.capitalize()}{full_stop(match, context)}"


def read_latin(match: Match[str], context: Context) -> str | None:
    """Spell it, so that no other voice is needed; what is said as a word stays."""
    word = match[1]
    if word in WORDS:
        return None
    joint = " " if match[2] else ""
    return spell_latin(word) + joint


def spell_latin(word: str) -> str:
    return " ".join(LATIN_LETTERS[letter] for letter in word.lower())


def read_initials(match: Match[str], context: Context) -> str | None:
    """Read "И. И. Иванов", and one initial only before what is surely a name."""
    letters = [letter for letter in match.groups() if letter]
    after = context.word_after(match.end())
    is_name = any({"Surn", "Name"} & form.tags for form in forms_of(after or "-"))
    return " ".join(map(single, letters)) + " " if len(letters) > 1 or is_name else None


def read_initials_after(match: Match[str], context: Context) -> str:
    return f"{single(match[1])} {single(match[2])}{full_stop(match, context)}"


def read_symbol(match: Match[str], context: Context) -> str | None:
    """Read a single Latin letter in a Russian text by its Russian name."""
    before = context.word_before(match.start())
    if not is_among_russian(match) or (before and before[0].isascii()):
        return None
    if before.startswith(("канал", "класс", "программ", "язык")):
        return LATIN_LETTERS[match[1].lower()]
    return SYMBOLS[match[1].lower()]


def is_among_russian(match: Match[str]) -> bool:
    """Tell whether no other Latin word is beside it, which the other voice would say together."""
    around = match.string[max(0, match.start() - 4) : match.start()]
    after = match.string[match.end() : match.end() + 4]
    return not re.search(r"[A-Za-z]{2}\W{1,2}$", around) and not re.match(
        r"\W{1,2}[A-Za-z]{2}", after
    )


def read_letter(match: Match[str], context: Context) -> str | None:
    """Read "план Б", "группа Д"."""
    return single(match[1])


def read_formula(match: Match[str], context: Context) -> str:
    return FORMULAS[match[1]]


def read_pair(match: Match[str], context: Context) -> str:
    """Read "S&P", "Q&A"."""
    return f"{spell_latin(match[1])} энд {spell_latin(match[2])}"


FORMULA_RULES = [Rule("aя", FORMULA, read_formula), Rule("a", PAIR, read_pair)]
RULES = [
    Rule("я", CITY, read_city),
    Rule("я", INITIALS, read_initials),
    Rule("я", INITIALS_AFTER, read_initials_after),
    Rule("я", ACRONYM, read_acronym),
    Rule("a", LATIN, read_latin),
    Rule("a", SYMBOL, read_symbol),
    Rule("я", LETTER, read_letter),
]
