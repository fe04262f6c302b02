"""Gender, case and number of Russian words, from the dictionary of pymorphy3."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.text.morphology import morphology
from tts.text.russian.grammar.cases import DIRECT, Case, is_few, is_one

CASES = {
    "nomn": Case.NOMINATIVE, "gent": Case.GENITIVE, "gen1": Case.GENITIVE, "gen2": Case.GENITIVE,
    "datv": Case.DATIVE, "accs": Case.ACCUSATIVE, "acc2": Case.ACCUSATIVE,
    "ablt": Case.INSTRUMENTAL, "loct": Case.PREPOSITIONAL, "loc1": Case.PREPOSITIONAL,
    "loc2": Case.PREPOSITIONAL, "voct": Case.NOMINATIVE,
}  # fmt: skip
TAGS = ("nomn", "gent", "datv", "accs", "ablt", "loct")
GENDERS = {"masc": "m", "femn": "f", "neut": "n"}
# Parses that are less likely than this are homonyms that are not meant.
LIKELY = 0.004
ADJECTIVES = ("ADJF", "PRTF")
# The plural of counting where the dictionary has another one: пять лет, шесть человек.
COUNTED = {
    "год": "лет", "человек": "человек", "грамм": "граммов", "килограмм": "килограммов",
    "миллиграмм": "миллиграммов", "микрограмм": "микрограммов",
}  # fmt: skip
# Units that are counted without an ending: пять мегабайт, десять киловатт.
ENDLESS = ("байт", "бит", "ватт", "вольт", "ампер", "герц")
CYRILLIC = re.compile(r"[а-яё]+(?:-[а-яё]+)*", re.IGNORECASE)
UNCHANGING = frozenset(("тенге", "промилле", "евро", "ампер-час", "юаней", "ден"))


@dataclass(frozen=True)
class Form:
    """One way to understand a word. Case and gender are of nouns and adjectives."""

    part: str
    lemma: str
    case: Case | None
    is_plural: bool
    gender: str
    is_animate: bool
    tags: frozenset[str]
    score: float

    @property
    def is_noun(self) -> bool:
        return self.part == "NOUN"

    @property
    def is_adjective(self) -> bool:
        return self.part in ADJECTIVES

    @property
    def is_paired(self) -> bool:
        """Tell whether the noun has no singular: сутки, ножницы."""
        return "Pltm" in self.tags or self.lemma == "сутки"


UNKNOWN = Form("", "", None, False, "m", False, frozenset(), 0.0)


@lru_cache(20_000)
def forms_of(word: str) -> tuple[Form, ...]:
    """Return what a word can be, the likeliest first; nothing is known of other alphabets."""
    if not CYRILLIC.fullmatch(word):
        return (UNKNOWN,)
    parses = [form(parse) for parse in morphology().parse(word.lower())]
    return tuple(one for one in parses if one.score >= LIKELY) or tuple(parses[:1])


def form(parse: Any) -> Form:
    tag = parse.tag
    return Form(
        part=str(tag.POS or ""),
        lemma=parse.normal_form,
        case=CASES.get(tag.case or ""),
        is_plural=tag.number == "plur",
        gender=GENDERS.get(tag.gender or "", "m"),
        is_animate="anim" in tag,
        tags=frozenset(map(str, tag.grammemes)),
        score=parse.score,
    )


def likeliest(word: str) -> Form:
    return forms_of(word)[0]


def is_known(word: str) -> bool:
    return bool(CYRILLIC.fullmatch(word) and morphology().word_is_known(word.lower()))


@lru_cache(4096)
def decline(phrase: str, case: Case, is_plural: bool = False) -> str:
    """Return a phrase that is in the nominative in another case: чайная ложка, километр в час.

    What precedes the first noun agrees with it; what follows it stays as it is.
    """
    words = phrase.split(" ")
    head = head_of(words)
    if head is None:
        return phrase
    gender = gender_of(phrase)
    before = [agreeing(word, gender, case, is_plural) for word in words[:head]]
    return " ".join([*before, noun_in(words[head], case, is_plural), *words[head + 1 :]])


@lru_cache(1024)
def gender_of(phrase: str) -> str:
    """Return the gender of a phrase's first noun."""
    words = phrase.split(" ")
    head = head_of(words)
    if head is not None and is_paired(nominative_noun(words[head]).tag):
        return "p"
    return "m" if head is None else GENDERS.get(nominative_noun(words[head]).tag.gender or "", "m")


def head_of(words: list[str]) -> int | None:
    """Return which word is the noun that declines: the second of столовая ложка."""
    for at, word in enumerate(words):
        is_adjective = any(form.is_adjective for form in forms_of(word))
        is_before_noun = at + 1 < len(words) and nominative_noun(words[at + 1]) is not None
        if nominative_noun(word) is not None and not (is_adjective and is_before_noun):
            return at
    return None


@lru_cache(4096)
def nominative_noun(word: str) -> Any:
    nouns = [
        parse
        for parse in morphology().parse(word)
        if parse.tag.POS == "NOUN" and ({"sing", "nomn"} in parse.tag or is_paired(parse.tag))
    ]
    # глава is a chapter, and no head of anything
    return min(nouns, key=lambda parse: "anim" in parse.tag, default=None)


def is_paired(tag: Any) -> bool:
    """Tell whether a noun has no singular: сутки, ножницы."""
    return {"plur", "nomn", "Pltm"} in tag


def has_singular(phrase: str) -> bool:
    words = phrase.split(" ")
    head = head_of(words)
    return head is None or not is_paired(nominative_noun(words[head]).tag)


def noun_in(word: str, case: Case, is_plural: bool) -> str:
    if word in UNCHANGING:
        return word
    if word == "год" and case is Case.PREPOSITIONAL and not is_plural:
        return "году"
    if is_plural and case is Case.GENITIVE:
        if word in COUNTED:
            return COUNTED[word]
        if word.endswith(ENDLESS):
            return word
    parse = nominative_noun(word)
    is_plural = is_plural or (parse is not None and is_paired(parse.tag))
    return inflected(parse, {TAGS[case], "plur" if is_plural else "sing"}, word)


@lru_cache(4096)
def agreeing(word: str, gender: str, case: Case, is_plural: bool) -> str:
    """Return an adjective, given in the nominative masculine or feminine, in another form."""
    adjective = next((one for one in morphology().parse(word) if one.tag.POS in ADJECTIVES), None)
    genders = {letter: name for name, letter in GENDERS.items()}
    number = {"plur"} if is_plural else {"sing", genders[gender]}
    # Of the two accusatives the inanimate one: through a square metre.
    animacy = {"inan"} if case is Case.ACCUSATIVE and (is_plural or gender == "m") else set()
    return inflected(adjective, {TAGS[case], *number, *animacy}, word)


def inflected(parse: Any, grammemes: set[str], word: str) -> str:
    found = parse.inflect(grammemes) if parse else None
    return str(found.word) if found else word


def counted(phrase: str, number: int, case: Case) -> str:
    """Return the form of a phrase after a whole number that stands in a case itself."""
    if is_one(number):
        return decline(phrase, case)
    if case not in DIRECT:
        return decline(phrase, case, is_plural=True)
    return few(phrase) if is_few(number) else decline(phrase, Case.GENITIVE, is_plural=True)


@lru_cache(1024)
def few(phrase: str) -> str:
    """Return the form after 2, 3 and 4: две чайные ложки, два квадратных метра."""
    words = phrase.split(" ")
    head = head_of(words)
    if head is None:
        return phrase
    gender = gender_of(phrase)
    case = Case.NOMINATIVE if gender == "f" else Case.GENITIVE
    before = [agreeing(word, gender, case, True) for word in words[:head]]
    is_adjectival = any(form.is_adjective for form in forms_of(words[head]))  # два взрослых
    noun = noun_in(words[head], Case.GENITIVE, is_adjectival)
    return " ".join([*before, noun, *words[head + 1 :]])


def part_of(phrase: str) -> str:
    """Return the form after a fraction: половина, три десятых километра."""
    return decline(phrase, Case.GENITIVE)
