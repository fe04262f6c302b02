"""Splitting a text where a reader would breathe. The parts keep their punctuation."""

import re
from collections.abc import Iterator

# Boundaries of sentences, clauses and words; the first kind that yields short parts is used.
BOUNDARIES = (
    re.compile(r"(?<=[.!?…])[»”\"')\]]*\s+|\n+"),
    re.compile(r"(?<=[,;:—–])\s+"),
    re.compile(r"\s+"),
)

# A certain end of a sentence, not of an abbreviation, a number or initials: the words on both
# sides of it are read independently.
CERTAIN_END = re.compile(r"(?:(?<=[^\W\d_]{7}\.)|(?<=[!?…]))\s+(?=[A-ZА-ЯЁ])|\n\n+")


def passages(text: str, shortest: int) -> Iterator[str]:
    """Yield passages that can be normalised independently; joined, they are the text.

    The first is as short as possible, so that it is spoken soon; the others have at least
    `shortest` characters.
    """
    start, least = 0, 1
    for end in (found.end() for found in CERTAIN_END.finditer(text)):
        if end - start >= least:
            yield text[start:end]
            start, least = end, shortest
    if text[start:]:
        yield text[start:]


def split(text: str, longest: int) -> Iterator[str]:
    """Yield parts of at most `longest` characters; joined, they are the text."""
    part = ""
    for piece in pieces(text, longest, 0):
        if part and len(part) + len(piece) > longest:
            yield part
            part = ""
        part += piece
    if part:
        yield part


def pieces(text: str, longest: int, level: int) -> Iterator[str]:
    """Yield parts that fit: sentences, else clauses, words or letters."""
    if level == len(BOUNDARIES):
        yield from (text[at : at + longest] for at in range(0, len(text), longest))
        return
    start = 0
    for end in [*(boundary.end() for boundary in BOUNDARIES[level].finditer(text)), len(text)]:
        piece = text[start:end]
        start = end
        if len(piece) > longest:
            yield from pieces(piece, longest, level + 1)
        elif piece:
            yield piece
