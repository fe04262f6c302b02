"""The noun that a number counts, found behind adjectives and the rest of a list."""

from dataclasses import dataclass

from tts.text.russian.grammar.cases import Case, row
from tts.text.russian.grammar.labels import NUMBERED
from tts.text.russian.grammar.morphology import Form, forms_of, is_known
from tts.text.russian.tables.abbreviations import ADJECTIVES, NOUNS
from tts.text.russian.tables.units import UNITS
from tts.text.scanning import Context, Token

# What addresses are read with, which no number counts: файл пять точка txt.
ADDRESS_WORDS = frozenset(row("точка слэш дефис собака подчёркивание"))
JOINTS = frozenset((*row("и или либо до"), *",–—-"))
# Words of one or two letters are prepositions and abbreviations rather than nouns, but for these.
SHORT_NOUNS = frozenset(row("ум ус яд ёж юг"))
# What may be before the noun: 4 «пятёрки».
QUOTES = ("«", '"')
GAPS = frozenset((" ", "  ", *(f" {quote}" for quote in QUOTES)))
LONGEST_ABBREVIATION = 3
FARTHEST = 10
LIKELY = 0.1


@dataclass(frozen=True)
class Head:
    """The noun that a number counts; `number` is the one directly before it."""

    word: str
    forms: tuple[Form, ...]
    number: int
    adjectives: tuple[Form, ...] = ()


def find_head(number: int, context: Context, end: int) -> Head | None:
    """Return the noun after a number, passing over adjectives and further numbers of a list."""
    adjectives: list[Form] = []
    tokens = list(context.after(end, FARTHEST))
    at, position = 0, end
    while at < len(tokens):
        token, gap = tokens[at], context.text[position : tokens[at].start]
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        if following and joins_number(token, following, gap) and not adjectives:
            number, position = int(following.text[-9:]), following.end
            at += 2
            has_ending = context.text[end - 1].isalpha()
            if has_ending and (ending := ending_of(tokens[at : at + 2], position)):
                position, at = ending.end, at + 2
        elif following and is_short_adjective(token, following) and gap.isspace():
            position = following.end
            at += 2
        elif token.text in QUOTES and gap.isspace():
            at += 1
        elif gap not in GAPS or not may_be_counted(token, following):
            return None
        elif following and describes(token, following, context):
            adjectives += [form for form in forms_of(token.text) if form.is_adjective]
            position = token.end
            at += 1
        else:
            return head_of(token.text, number, tuple(adjectives))
    return None


def joins_number(token: Token, following: Token, gap: str) -> bool:
    """Tell whether another number of the list follows: ", 5", "и 7", "– 9"."""
    return token.text.lower() in JOINTS and following.is_number and "\n" not in gap


def ending_of(tokens: list[Token], position: int) -> Token | None:
    """Return the ending that is written after a number: the й of 43-й."""
    if len(tokens) < 2 or tokens[0].text not in "-‑" or tokens[0].start != position:
        return None
    is_ending = tokens[1].is_word and tokens[1].start == tokens[0].end
    return tokens[1] if is_ending and len(tokens[1].text) <= LONGEST_ABBREVIATION else None


def is_short_adjective(token: Token, following: Token) -> bool:
    """Tell whether it is an abbreviated adjective, which shows no form: 5 банк. дней."""
    short = token.text
    return following.text == "." and short in ADJECTIVES and short not in {*NOUNS, *UNITS}


def may_be_counted(token: Token, following: Token | None) -> bool:
    word = token.text
    is_short = len(word) <= LONGEST_ABBREVIATION and following is not None and following.text == "."
    return (
        is_common(word)
        and not is_of_address(word, following)
        and (len(word) > 2 or word.lower() in SHORT_NOUNS)
        and not (is_short and not is_known(word))
    )


def is_of_address(word: str, following: Token | None) -> bool:
    """Tell "5 точка txt" from "1 собака": the rest of an address follows in Latin letters."""
    is_latin = following is not None and following.is_word and following.text.isascii()
    return word in ADDRESS_WORDS and is_latin


def is_common(word: str) -> bool:
    """Tell whether it is a Russian word and no name."""
    is_lower = word[0].islower() or (word.isupper() and len(word) > 3)
    return "а" <= word[0].lower() <= "ё" and is_lower


def describes(token: Token, following: Token, context: Context) -> bool:
    """Tell whether a word is an adjective of the noun or adjective that follows it."""
    forms = [form for form in forms_of(token.text) if form.is_adjective]
    gap = context.text[token.end : following.start]
    if not forms or not following.is_word or not gap.isspace() or not is_common(following.text):
        return False
    after = forms_of(following.text)
    cases = {(form.case, form.is_plural) for form in forms}
    if any(form.is_noun and (form.case, form.is_plural) in cases for form in after):
        return True
    # два новых стола: the noun is in the singular, and the adjective in the plural.
    is_few = any(form.is_noun and form.case is Case.GENITIVE for form in after)
    return is_few or (forms_of(token.text)[0].is_adjective and after[0].is_adjective)


def head_of(word: str, number: int, adjectives: tuple[Form, ...]) -> Head | None:
    forms = forms_of(word)
    nouns = tuple(form for form in forms if form.is_noun)
    if nouns and (forms[0].is_noun or nouns[0].score > LIKELY):
        if nouns[0].lemma in NUMBERED:  # глава is a chapter here, and no head of anything
            nouns = tuple(sorted(nouns, key=lambda form: form.is_animate))
        return Head(word.lower(), nouns, number, adjectives)
    return Head(word.lower(), forms, number, adjectives) if forms[0].is_adjective else None
