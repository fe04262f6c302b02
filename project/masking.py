"""Secrets are masked wherever they turn up: under a telling key, after a telling word, in a URL."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

MASK = "***"
DEEPEST = 8

TELLING = (
    *("token", "secret", "passw", "api_key", "api-key", "apikey"),
    *("authorization", "bearer", "signature", "cookie"),
)
WORDS = "|".join(TELLING)

TOLD = re.compile(
    rf"""
    (                                           # keep: a telling word and the way to its value
        (?=[{"".join(sorted({word[0] for word in TELLING}))}])
        (?:{WORDS})
        (?: [\w-]{{0,32}} (?: \\*["'][ \t]*[=:,][ \t]* | [ \t]*[=:][ \t]* )
          | (?<=bearer)[ \t]+
          | s?[ \t]+(?=[^\s\d]{{0,64}}\d)(?=\S{{12}})  # "token 3f9…", not "token is missing"
        )
    )
    (?:                                         # mask: the value, quoted, escaped or bare
        b?"(?:\\.|[^"\\])*"
      | b?'(?:\\.|[^'\\])*'
      | \\+["'].*?\\+["']
      | (?:(?:bearer|basic|token)[ \t]+)?\S+
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
USERINFO = re.compile(r'://[^\s/?#"<>]+@')
# Keys as services issue them: long, of capitals, small letters and digits, unlike a hash or UUID.
OPAQUE = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[A-Za-z0-9_-]{40,}")


def masked(value: Any, depth: int = 0) -> Any:
    """Return `value` as plain data (text, numbers, lists, dicts) without the secrets in it."""
    if isinstance(value, str):
        return masked_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | bytearray):
        return masked_text(value.decode(errors="backslashreplace"))
    if isinstance(value, Mapping) and depth < DEEPEST:
        return {masked_text(str(key)): _beside(key, one, depth) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth < DEEPEST:
        return _masked_items(value, depth)
    return masked_text(repr(value) if isinstance(value, BaseException) else str(value))


def masked_text(text: str) -> str:
    """Return `text` without what follows a telling word, precedes a host, or looks like a key."""
    text = TOLD.sub(rf"\1{MASK}", text)
    text = USERINFO.sub(f"://{MASK}@", text)
    return OPAQUE.sub(MASK, text)


def is_suspicious(line: str) -> bool:
    """Whether anything in `line` might have to be masked: a quick look that never misses."""
    lowered = line.lower()
    if any(word in lowered for word in TELLING):
        return True
    return ("@" in line and "://" in line) or bool(OPAQUE.search(line))


def _masked_items(items: Iterable[Any], depth: int) -> list[Any]:
    """Mask each of `items`; a pair as headers have, ("authorization", …), is key and value."""
    match items:
        case (str() | bytes() as key, value):
            return [masked(key), _beside(key, value, depth)]
        case _:
            return [masked(item, depth + 1) for item in items]


def _beside(key: Any, value: Any, depth: int) -> Any:
    """Mask the value of `key`: all of it where the key tells that it is secret."""
    if value is None or isinstance(value, bool) or not _tells(key):
        return masked(value, depth + 1)
    return MASK


@lru_cache(maxsize=1024)
def _tells(key: Any) -> bool:
    text = (key.decode(errors="replace") if isinstance(key, bytes) else str(key)).lower()
    return any(word in text for word in TELLING)
