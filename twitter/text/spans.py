"""Parsing texts into plain text, links, mentions and hashtags. Used wherever tweets are parsed."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from twitter.text.characters import MARKS
from twitter.text.normal import fold, fold_username

MAX_MENTIONS = 50
MAX_TAGS = 30
MAX_TAG_LENGTH = 100
MENTION_MARK, TAG_MARK = "@#"

# The last group of a match names its alternative. Each alternative is bounded or consumes all that
# it has scanned, so parsing takes linear time.
START = re.compile(
    rf"""
    (?P<address> [a-z][a-z0-9+.-]{{0,20}} :// )
  | (?P<www> (?<![\w@/.+-]) www\. (?= [^\W_] ) )
  | (?P<mention> (?<![\w@/.+\-{MARKS}]) @ (?P<username> \w [\w.@+-]{{0,149}}+ ) (?! [\w{MARKS}] ) )
  | (?P<hashtag> (?<![\w\#&/{MARKS}]) \# (?P<tag> [\w{MARKS}]{{1,100}}+ ) (?! [\w{MARKS}] ) )
    """,
    re.VERBOSE | re.IGNORECASE,
)
WEB_ADDRESS = re.compile(r"https?:// (?: [^\W_] | \[[0-9a-f:] )", re.VERBOSE | re.IGNORECASE)
OPENING = {")": "(", "]": "[", "}": "{"}
ENDS_ADDRESS = frozenset('<>"`«»‹›“”„‟‘’‚‛、。，「」『』（）')
ENDS_SENTENCE = ".,:;!?…'*—([{"
ENDS_USERNAME = ".@+-"


class Kind(StrEnum):
    """The type of a span."""

    TEXT = "text"
    LINK = "link"
    MENTION = "mention"
    HASHTAG = "hashtag"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text. The joined texts of all spans equal the whole text.

    `target` is the URL of a link, the stored name of a hashtag, or the username of a mention as
    written, including punctuation that may end the sentence; "" for plain text.
    """

    kind: Kind
    text: str
    target: str = ""


def parse(text: str) -> list[Span]:
    """Split a text into spans, in linear time. URLs contain no mentions or hashtags."""
    spans, written = [], 0
    for start, span in _find_spans(text):
        if start > written:
            spans.append(Span(Kind.TEXT, text[written:start]))
        spans.append(span)
        written = start + len(span.text)
    if written < len(text):
        spans.append(Span(Kind.TEXT, text[written:]))
    return spans


def mentioned_usernames(spans: Iterable[Span]) -> set[str]:
    """Return the folded usernames that may be mentioned, of the first 50 mentions.

    A final dot or dash may belong to the username or the sentence, so both forms are returned.
    """
    names = [span.target for span in spans if span.kind is Kind.MENTION][:MAX_MENTIONS]
    return {fold_username(form) for name in names for form in (name, name.rstrip(ENDS_USERNAME))}


def tags(spans: Iterable[Span]) -> list[str]:
    """Return the distinct names of hashtags, at most 30."""
    names = (span.target for span in spans if span.kind is Kind.HASHTAG)
    return list(dict.fromkeys(names))[:MAX_TAGS]


def shorten(spans: Iterable[Span], length: int) -> list[Span]:
    """Return the beginning of a text: at most `length` characters and an ellipsis.

    Plain text is cut. A link, mention or hashtag that does not fit is omitted, since a part of it
    would point elsewhere.
    """
    beginning: list[Span] = []
    for span in spans:
        if len(span.text) > length:
            cut = span.text[:length].rstrip() if span.kind is Kind.TEXT else ""
            return [*beginning, Span(Kind.TEXT, f"{cut}…")]
        beginning.append(span)
        length -= len(span.text)
    return beginning


def _find_spans(text: str) -> Iterator[tuple[int, Span]]:
    """Yield the links, mentions and hashtags of a text with their start positions."""
    place = 0
    while found := START.search(text, place):
        span = _span(text, found)
        place = found.end()
        if span is not None:
            place = found.start() + len(span.text)
            yield found.start(), span


def _span(text: str, found: re.Match[str]) -> Span | None:
    match found.lastgroup:
        case "address" | "www":
            return _address(text, found)
        case "mention":
            return _mention(found)
        case _:
            return _hashtag(found)


def _address(text: str, found: re.Match[str]) -> Span | None:
    """Return a link, or plain text for other schemes (ssh://, javascript://) or without a host."""
    address = text[found.start() : _end_of_address(text, found.end())]
    if found["www"]:
        is_host = "." in address[len(found["www"]) :]
        return Span(Kind.LINK, address, f"https://{address}") if is_host else None
    is_web = WEB_ADDRESS.match(address)
    return Span(Kind.LINK, address, address) if is_web else Span(Kind.TEXT, address)


def _end_of_address(text: str, start: int) -> int:
    """Return the end of the URL whose host starts at `start`.

    The URL ends before white space, a quotation mark or an unbalanced closing bracket, and excludes
    the punctuation that ends a sentence.
    """
    opened = dict.fromkeys(OPENING.values(), 0)
    for end in range(start, len(text) + 1):
        character = text[end : end + 1]
        if not character or character in ENDS_ADDRESS or character <= " " or character.isspace():
            break
        if character in opened:
            opened[character] += 1
        elif character in OPENING:
            if not opened[OPENING[character]]:
                break
            opened[OPENING[character]] -= 1
    while end > start + 1 and text[end - 1] in ENDS_SENTENCE:
        end -= 1
    return end


def _mention(found: re.Match[str]) -> Span | None:
    username = found["username"]
    shown = username.rstrip(ENDS_USERNAME)
    return Span(Kind.MENTION, f"@{shown}", username) if shown else None


def _hashtag(found: re.Match[str]) -> Span | None:
    """Return the hashtag, or None if it has no letter or its folded name is too long to store."""
    name = fold(found["tag"])
    is_tag = len(name) <= MAX_TAG_LENGTH and any(map(str.isalpha, name))
    return Span(Kind.HASHTAG, found.group(), name) if is_tag else None
