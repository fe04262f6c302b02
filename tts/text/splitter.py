"""Parting a text where a reader would breathe, with its punctuation kept."""

import re
from collections.abc import Iterator

# After the end of a sentence, after a clause, between words: the first that yields parts is used.
SEAMS = (
    re.compile(r"(?<=[.!?…])[»”\"')\]]*\s+|\n+"),
    re.compile(r"(?<=[,;:—–])\s+"),
    re.compile(r"\s+"),
)

# An end that is none of an abbreviation, a number, or a name in initials: the words on both sides
# of it are read the same without each other.
CERTAIN_END = re.compile(r"(?:(?<=[^\W\d_]{7}\.)|(?<=[!?…]))\s+(?=[A-ZА-ЯЁ])|\n\n+")


def passages(text: str, shortest: int) -> Iterator[str]:
    """Yield passages that can be made speakable one by one, and are the text when joined.

    The first is as short as can be, so that it is spoken soon; the others have `shortest`
    characters at least.
    """
    start, least = 0, 1
    for end in (found.end() for found in CERTAIN_END.finditer(text)):
        if end - start >= least:
            yield text[start:end]
            start, least = end, shortest
    if text[start:]:
        yield text[start:]


def split(text: str, longest: int) -> Iterator[str]:
    """Yield parts of at most `longest` characters that are the text when joined."""
    part = ""
    for piece in pieces(text, longest, 0):
        if part and len(part) + len(piece) > longest:
            yield part
            part = ""
        part += piece
    if part:
        yield part


def pieces(text: str, longest: int, level: int) -> Iterator[str]:
    """Yield the smallest parts that need not be parted: sentences, else clauses, words, letters."""
    if level == len(SEAMS):
        yield from (text[at : at + longest] for at in range(0, len(text), longest))
        return
    start = 0
    for end in [*(seam.end() for seam in SEAMS[level].finditer(text)), len(text)]:
        piece = text[start:end]
        start = end
        if len(piece) > longest:
            yield from pieces(piece, longest, level + 1)
        elif piece:
            yield piece
