"""Numbers with abbreviated nouns that they number: 6 кл., 3/5 эт., 2-к. кв."""

import re
from re import Match

from tts.text.russian.grammar.cases import Case, row
from tts.text.russian.grammar.government import govern
from tts.text.russian.grammar.morphology import agreeing, decline, gender_of
from tts.text.russian.grammar.noun_cases import case_of_noun, follows_noun
from tts.text.russian.grammar.numerals import cardinal, joined, ordinal
from tts.text.russian.tables.units import NUMBERED_UNITS
from tts.text.scanning import Context, Rule, full_stop

START = r"(?<![\w.,])"
APARTMENT = re.compile(
    rf"{START}([1-9])[-‑ ]?(?:х[-‑ ])?(?:комн?|к)\.?\s*(?:(кв)\.?(?!\w)|(?=квартир))",
    re.IGNORECASE,
)
FLOOR = re.compile(rf"{START}(\d{{1,2}})/(\d{{1,2}})\s?эт\.?(?!\w)")
SHORT_NOUNS = {
    "кл": "класс", "пол": "половина", "четв": "четверть", "сем": "семестр", "полуг": "полугодие",
}  # fmt: skip
CLASS = re.compile(rf"{START}(\d{{1,2}})\s?(?:кл(?=[\s,])|({'|'.join(SHORT_NOUNS)})\.)(?!\w)")
# Nouns made of a number: 8-ка, на 10-ке.
NICKNAME = re.compile(rf"{START}([2-9]|10)-(к[аиуе]|кой|кам?|ками|ках)(?!\w)")
NICKNAMES = dict(enumerate(row("двой трой четвёр пятёр шестёр семёр восьмёр девят десят"), start=2))
CLOTHING_SIZE = re.compile(
    rf"{START}(?:(\d{{2}})\s?[–—-]\s?)?(\d{{2}})\s?(р(?:азм)?\.?(?!-?\w)|р-(ра|ру|ром|ре|р)(?!\w))"
)
CLOTHES = (
    "обув", "кроссов", "ботин", "сапог", "сапож", "туфл", "кед", "плать", "джинс", "куртк",
    "футбол", "брюк", "рубаш", "пальто", "шорт", "костюм", "юбк", "пуховик", "свитер", "кофт",
    "тапк", "тапоч", "сандал", "босонож", "валенк", "комбинезон", "конёк", "коньк", "одежд",
)  # fmt: skip
NUMBERED_SPAN = re.compile(
    r"(?<=\bс )(\d{1,4}) по (\d{1,4}) (стр|гл|кл|эт)(?!\w)\.?", re.IGNORECASE
)


def read_class(match: Match[str], context: Context) -> str:
    """Read "6 кл.", "во 2 пол.", "ученик 6 кл."."""
    noun = SHORT_NOUNS[match[2] or "кл"]
    position = match.start()
    government = govern(context, position)
    case = government.cases[0] if government.is_preposition else Case.NOMINATIVE
    if government.word in ("в", "во", "на"):
        case = case_of_noun(context, position)
    elif not government.is_preposition and follows_noun(context, position):
        case = Case.GENITIVE
    said = f"{ordinal(int(match[1]), case, gender_of(noun))} {decline(noun, case)}"
    return said + full_stop(match, context)


def read_size(match: Match[str], context: Context) -> str | None:
    """Read "кроссовки 42 р-ра", "обувь 36–41 р." as the sizes of clothes."""
    low, high, _, ending = match.groups(default="")
    if not ending and not is_clothing(match, context):
        return None
    after_noun = follows_noun(context, match.start())
    case = Case.GENITIVE if after_noun else Case.NOMINATIVE
    if ending not in ("", "р"):
        case = next(one for one in Case if decline("размер", one).endswith(ending))
    first = f"{ordinal(int(low), case)} — " if low else ""
    return f"{first}{ordinal(int(high), case)} {decline('размер', case)}{full_stop(match, context)}"


def is_clothing(match: Match[str], context: Context) -> bool:
    words = (token.text.lower() for token in context.before(match.start(), 5))
    return any(word.startswith(CLOTHES) for word in words)


def read_nickname(match: Match[str], context: Context) -> str:
    """Read "8-ка", "сел на 10-ку"."""
    return NICKNAMES[int(match[1])] + match[2]


def read_numbered_span(match: Match[str], context: Context) -> str:
    """Read "с 40 по 52 стр."."""
    name = NUMBERED_UNITS[match[3].lower()]
    gender = gender_of(name)
    first = ordinal(int(match[1]), Case.GENITIVE, gender)
    last = ordinal(int(match[2]), Case.ACCUSATIVE, gender)
    return f"{first} по {last} {decline(name, Case.ACCUSATIVE)}{full_stop(match, context)}"


def read_apartment(match: Match[str], context: Context) -> str:
    """Read "2-к. кв." as двухкомнатная квартира."""
    government = govern(context, match.start())
    case = government.cases[0]
    if government.is_preposition:
        case = case_of_noun(context, match.start())
    elif government.is_free and follows_noun(context, match.start()):
        case = Case.GENITIVE
    said = f"{joined(int(match[1]))}{agreeing('комнатная', 'f', case, False)} "
    return said + decline("квартира", case) if match[2] else said


def read_floor(match: Match[str], context: Context) -> str:
    """Read "3/5 эт." as третий этаж из пяти."""
    government = govern(context, match.start())
    case = Case.PREPOSITIONAL if government.word == "на" else government.cases[0]
    floor = f"{ordinal(int(match[1]), case)} {decline('этаж', case)}"
    return f"{floor} из {cardinal(int(match[2]), Case.GENITIVE)}"


RULES = [
    Rule("0", CLASS, read_class),
    Rule("0", CLOTHING_SIZE, read_size),
    Rule("0", NICKNAME, read_nickname),
    Rule("0", NUMBERED_SPAN, read_numbered_span),
    Rule("0", APARTMENT, read_apartment),
    Rule("0", FLOOR, read_floor),
]
