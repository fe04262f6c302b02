"""Masking of secrets: values of keys such as "token", after such words in text, and in URLs."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

MASK = "***"
MAX_DEPTH = 8

SECRET_WORDS = (
    *("token", "secret", "passw", "api_key", "api-key", "apikey"),
    *("authorization", "bearer", "signature", "cookie"),
)
WORDS = "|".join(SECRET_WORDS)
SECRET_KEY = re.compile(WORDS, re.IGNORECASE)
ELLIPSIS = "…"

SECRET_VALUE = re.compile(
    rf"""
    (                                           # keep: a secret word and the separator
        (?=[{"".join(sorted({word[0] for word in SECRET_WORDS}))}])
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
# API keys: long, with upper-case and lower-case letters and digits, unlike a hash or UUID.
OPAQUE = re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[A-Za-z0-9_-]{40,}")


def mask(value: Any, depth: int = 0, keys: re.Pattern[str] = SECRET_KEY) -> Any:
    """Return `value` as plain data (text, numbers, lists, dicts) without the secrets in it.

    The value of a key that matches `keys` is masked as a whole.
    """
    if isinstance(value, str):
        return mask_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes | bytearray):
        return mask_text(value.decode(errors="backslashreplace"))
    if isinstance(value, Mapping):
        if depth >= MAX_DEPTH:
            return ELLIPSIS
        return {mask_text(str(key)): _mask_value(key, it, depth, keys) for key, it in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return _mask_items(value, depth, keys) if depth < MAX_DEPTH else ELLIPSIS
    return mask_text(repr(value) if isinstance(value, BaseException) else str(value))


def mask_text(text: str) -> str:
    """Return `text` with values after secret words, credentials in URLs and API keys masked."""
    text = SECRET_VALUE.sub(rf"\1{MASK}", text)
    text = USERINFO.sub(f"://{MASK}@", text)
    return OPAQUE.sub(MASK, text)


def is_suspicious(line: str) -> bool:
    """Return whether `line` may contain a secret: a quick check without false negatives."""
    lowered = line.lower()
    if any(word in lowered for word in SECRET_WORDS):
        return True
    return ("@" in line and "://" in line) or bool(OPAQUE.search(line))


def _mask_items(items: Iterable[Any], depth: int, keys: re.Pattern[str]) -> list[Any]:
    """Mask each of `items`; a pair such as a header, ("authorization", …), is key and value."""
    match items:
        case (str() | bytes() as key, value):
            return [mask(key), _mask_value(key, value, depth, keys)]
        case _:
            return [mask(item, depth + 1, keys) for item in items]


def _mask_value(key: Any, value: Any, depth: int, keys: re.Pattern[str]) -> Any:
    """Mask the value of `key`, as a whole if the key is secret."""
    if value is None or isinstance(value, bool) or not _is_secret(key, keys):
        return mask(value, depth + 1, keys)
    return MASK


@lru_cache(maxsize=1024)
def _is_secret(key: Any, keys: re.Pattern[str]) -> bool:
    return bool(keys.search(key.decode(errors="replace") if isinstance(key, bytes) else str(key)))
