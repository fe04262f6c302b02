"""Search terms of texts, extracted in the same way from tweets and queries.

A tweet is found by any of its words, in any form, and by any string copied from it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import snowballstemmer

from core.text.morphology import morphology
from twitter.text.characters import MARKS, UNSPACED
from twitter.text.normal import fold

MAX_QUERY_WORDS = 20
MAX_TERM_LENGTH = 64
MAX_SEPARATOR_LENGTH = 8

CHUNK = re.compile(r"\S+")
WORD = re.compile(r"[^\W_]+")
# In scripts without spaces, each character is a part.
PART = re.compile(rf"\d+|(?!\W)[{UNSPACED}]|[^\W\d_{UNSPACED}]+")
SEGMENT = re.compile(f"[{UNSPACED}]+|[^{UNSPACED}]+")
IS_UNSPACED = re.compile(f"[{UNSPACED}]")
SIGN = re.compile(r"[^\w\s]")
UNDERSCORES = re.compile(r"(?<!\w)_+(?!\w)")
# Removed from Latin and Greek letters, so that e finds é. й and が are letters of their own.
DIACRITICS = re.compile("(?<=[A-Za-z\u0370-\u03ff])[\u0300-\u036f]+")
# Letters with a stroke and ligatures, which Unicode does not decompose.
LATIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"}
)
CYRILLIC = re.compile("[\u0400-\u052f]")
ANY_MARK = re.compile(f"[{MARKS}]+")
# Characters that may join the halves of a word: wi-fi, don't, soft hyphens, combining marks.
INSIDE_WORD = re.compile(rf"['\-\u00ad\u200b-\u200d\u2060\ufeff{MARKS}]+")
SIMILAR = str.maketrans({**dict.fromkeys("‐‑‒–—−", "-"), **dict.fromkeys("’‘ʼ", "'")})
# Characters that would need quoting in queries; the indexes accept all others in terms.
UNSAFE = re.compile(r"""[\x00-\x20"'\\\x7f]""")
ENGLISH = snowballstemmer.stemmer("english")
RUSSIAN = snowballstemmer.stemmer("russian")

# Words that are too common to be required beside other words of a query.
COMMON_WORDS = """
и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было
вот от меня еще нет о из ему теперь когда даже ну вдруг ли если уже или ни быть был него до вас
нибудь опять уж вам ведь там потом себя ничего ей может они тут где есть надо ней для мы тебя их
чем была сам чтоб без будто чего раз тоже себе под будет ж тогда кто этот того потому этого какой
совсем ним здесь этом один почти мой тем чтобы нее сейчас были куда зачем всех никогда можно при
наконец два об другой хоть после над больше тот через эти нас про всего них какая много разве три
эту моя впрочем хорошо свою этой перед иногда лучше чуть том нельзя такой им более всегда конечно
всю между i me my we our you your he him his she her it its they them their what which who this
that these those am is are was were be been being have has had do does did a an the and but if or
because as until while of at by for with about against between into through during before after
above below to from up down in out on off over under again further then once here there when where
why how all any both each few more most other some such no nor not only own same so than too very
s t can will just don should now
"""
STOP_WORDS = frozenset(COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of a query without white space. Each inner tuple lists alternative terms.

    A tweet matches if it has all of `words` and all of `pairs` (neighbouring words with the
    punctuation between them), or one of `joined` (the words written as one).
    """

    words: tuple[tuple[str, ...], ...]
    pairs: tuple[str, ...]
    joined: tuple[str, ...]
    is_common: bool


def index_terms(text: str) -> list[str]:
    """Return the distinct terms by which a normalised text is found."""
    found: dict[str, None] = {}
    for chunk in CHUNK.findall(text.translate(SIMILAR)):
        is_short = len(chunk) <= MAX_TERM_LENGTH
        found.update(dict.fromkeys(_cached_terms(chunk) if is_short else _chunk_terms(chunk)))
    return list(found)


def query_phrases(text: str) -> list[Phrase]:
    """Return the phrases of a normalised query, all of which a tweet must match.

    Only the first 20 words and symbols are used.
    """
    phrases: dict[Phrase, None] = {}
    left = MAX_QUERY_WORDS
    for chunk in CHUNK.findall(text.translate(SIMILAR)):
        words = _query_words(chunk)[:left]
        symbols = _symbols(chunk)[: left - len(words)]
        left -= len(words) + len(symbols)
        if words or symbols:
            phrases[_phrase(chunk, words, symbols)] = None
        if not left:
            break
    distinctive = [phrase for phrase in phrases if not phrase.is_common]
    return distinctive or list(phrases)


def _chunk_terms(chunk: str) -> tuple[str, ...]:
    words = WORD.findall(chunk)
    terms = [term for word in words for term in _word_terms(word)]
    if len(words) > 1:
        terms += _pairs(chunk)
        terms += (term for joined in _join_halves(chunk) for term in _segment_terms(joined))
    if not chunk.isalnum():
        terms += _symbols(chunk)
    return tuple(terms)


# Most posted words were posted before.
_cached_terms = lru_cache(maxsize=20_000)(_chunk_terms)


def _word_terms(word: str) -> Iterator[str]:
    """Yield the terms of a word, and of its runs of letters and digits."""
    yield from _segment_terms(word)
    if not word.isalpha() and len(parts := PART.findall(word)) > 1:
        for part in parts:
            yield from terms_of(part)


def _segment_terms(word: str) -> Iterator[str]:
    """Yield the terms of a word; in scripts without spaces, its characters and bigrams."""
    for segment in SEGMENT.findall(word):
        if IS_UNSPACED.match(segment):
            yield from segment
            yield from _bigrams(segment)
        else:
            yield from terms_of(segment)


def _query_words(chunk: str) -> list[str]:
    """Return the words to search for; in scripts without spaces, the bigrams."""
    words: list[str] = []
    for segment in (it for word in WORD.findall(chunk) for it in SEGMENT.findall(word)):
        is_long = len(segment) > 1 and IS_UNSPACED.match(segment)
        words += _bigrams(segment) if is_long else [segment]
    return words


def _bigrams(segment: str) -> list[str]:
    return [one + other for one, other in pairwise(segment)]


def _phrase(chunk: str, words: list[str], symbols: list[str]) -> Phrase:
    whole = [joined for joined in _join_halves(chunk) if len(joined) == sum(map(len, words))]
    return Phrase(
        words=(*(terms_of(word) for word in words), *((symbol,) for symbol in symbols)),
        pairs=tuple(_pairs(chunk)[: MAX_QUERY_WORDS - 1]),
        joined=terms_of(whole[0]) if whole and not IS_UNSPACED.search(whole[0]) else (),
        is_common=not words or (len(words) == 1 and fold(words[0]) in STOP_WORDS),
    )


def _pairs(chunk: str) -> list[str]:
    """Return neighbouring words with the punctuation between them: "main.py" of "/src/main.py"."""
    pairs = []
    for one, other in pairwise(PART.finditer(chunk)):
        separator = chunk[one.end() : other.start()][:MAX_SEPARATOR_LENGTH]
        if separator:
            first, last = terms_of(one.group())[0], terms_of(other.group())[0]
            pairs.append(f"{first}{UNSAFE.sub('?', separator)}{last}")
    return pairs


def _symbols(chunk: str) -> list[str]:
    """Return searchable symbols: emoji, currency and mathematical signs."""
    signs = [sign for sign in SIGN.findall(chunk) if unicodedata.category(sign)[0] == "S"]
    return [*dict.fromkeys(signs), *(["_"] if UNDERSCORES.search(chunk) else [])]


def _join_halves(chunk: str) -> Iterator[str]:
    """Yield words without the characters that join their halves: "wifi" of "wi-fi".

    Ranges such as "10-12" are excluded.
    """
    joined, halves, end = "", 0, 0
    for word in WORD.finditer(chunk):
        separator = chunk[end : word.start()]
        is_range = joined[-1:].isdecimal() and word.group()[0].isdecimal()
        if halves and INSIDE_WORD.fullmatch(separator) and not is_range:
            joined, halves = joined + word.group(), halves + 1
        else:
            if halves > 1:
                yield joined
            joined, halves = word.group(), 1
        end = word.end()
    if halves > 1:
        yield joined


@lru_cache(maxsize=20_000)
def terms_of(word: str) -> tuple[str, ...]:
    """Return the terms of a word. Forms of the same word have a term in common.

    The terms are its lemmas. For a Russian word that is not in the dictionary, lemmas are guesses
    that may differ between forms, so the stem is added.
    """
    bare = ANY_MARK.sub("", fold(word))[:MAX_TERM_LENGTH] or word
    if not CYRILLIC.search(bare):
        bare = _without_diacritics(bare)
        return (str(ENGLISH.stemWord(bare)) if bare.isascii() else bare,)
    forms = morphology().parse(bare)
    terms = [form.normal_form.replace("ё", "е") for form in forms]
    if not any(form.is_known for form in forms):
        terms.append(RUSSIAN.stemWord(bare))
        if bare.endswith("й"):  # the stemmer treats a noun such as деплой as an adjective
            terms.append(bare[:-1])
    return tuple(dict.fromkeys(filter(None, terms)))


def _without_diacritics(word: str) -> str:
    if word.isascii():
        return word
    bare = DIACRITICS.sub("", unicodedata.normalize("NFD", word)).translate(LATIN)
    return unicodedata.normalize("NFC", bare)
