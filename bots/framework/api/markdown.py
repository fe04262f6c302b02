"""Helpers for Pachca's markdown.

Each helper escapes its arguments, except Markup, which the helpers return.
"""

import re
from collections.abc import Iterable
from typing import Any

# Special characters: anywhere, as an entity, at the start of a line, as the number of a list item.
_SPECIAL = re.compile(
    r"([\\`*_~\[\]<>|]|&(?=#?\w+;)|!(?=\[)|^[ \t]*[#+=-]|^[ \t]*\d+[.)])", re.MULTILINE
)
_NEWLINE = re.compile(r"\r\n?|[\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_INDENT = re.compile(r"^ {0,3}(?: {4}|\t)[ \t]*", re.MULTILINE)
# Mentions: a text that is only quoted must not notify anyone.
_CALL = re.compile(r"@(?=\w)")
_APART = "@\u2060"
_FENCE = re.compile(r"`+")


class Markup(str):
    """Text that already is markdown and is not escaped again."""

    __slots__ = ()

    def __add__(self, other: object) -> "Markup":
        return Markup("".join((self, escape(other))))

    def __radd__(self, other: object) -> "Markup":
        return Markup("".join((escape(other), self)))

    def __mod__(self, values: Any) -> "Markup":
        if isinstance(values, dict):
            return Markup(str(self) % {name: escape(value) for name, value in values.items()})
        each = values if isinstance(values, tuple) else (values,)
        return Markup(str(self) % tuple(map(escape, each)))

    def format(self, *args: object, **kwargs: object) -> "Markup":
        """Insert escaped values: `Markup("**{}**").format(name)`."""
        named = {name: escape(value) for name, value in kwargs.items()}
        return Markup(str(self).format(*map(escape, args), **named))


class Block(Markup):
    """Markup that ends only at an empty line."""

    __slots__ = ()


def escape(value: object) -> Markup:
    """Escape all special characters of a text; Markup is returned unchanged."""
    if isinstance(value, Markup):
        return value
    text = _CONTROL.sub("", _NEWLINE.sub("\n", str(value)))
    text = _INDENT.sub("   ", text)
    return Markup(_CALL.sub(_APART, _SPECIAL.sub(_plain, text)))


def _plain(found: re.Match[str]) -> str:
    sign = found.group()
    return f"{sign[:-1]}\\{sign[-1]}"


def bold(*parts: object) -> Markup:
    """Return the parts in bold."""
    return _around("**", parts)


def italic(*parts: object) -> Markup:
    """Return the parts in italics."""
    return _around("_", parts)


def strike(*parts: object) -> Markup:
    """Return the parts struck through."""
    return _around("~~", parts)


def code(text: object) -> Markup:
    """Return the text as inline code."""
    plain = " ".join(re.split(r"[\r\n]+", str(text)))
    if not plain.strip():
        return Markup(plain)
    fence = _fence(plain, 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return Markup(f"{fence}{pad}{plain}{pad}{fence}")


def pre(text: object, language: str = "") -> Markup:
    """Return the text as a code block."""
    fence = _fence(str(text), 3)
    return Markup(f"{fence}{re.sub(r'[^0-9A-Za-z+#-]', '', language)}\n{text}\n{fence}")


def link(text: object, url: str) -> Markup:
    """Return a link, or only the text if `url` is not an http, https or mailto URL."""
    if not re.match(r"(?i)(https?://|mailto:)\S+$", url):
        return escape(text)
    safe = url.replace("\\", "%5C").replace("(", "%28").replace(")", "%29")
    return Markup(f"[{escape(text)}]({safe.replace('<', '%3C').replace('>', '%3E')})")


def mention(user_id: int) -> Markup:
    """Return a mention of the person, by their Pachca id."""
    return Markup(f"<@{int(user_id)}>")


def quote(text: object) -> Block:
    """Return the text as a quotation."""
    return Block("\n".join(f"> {line}" for line in escape(text).split("\n")))


def bullets(items: Iterable[object]) -> Block:
    """Return the items as a list."""
    return Block("\n".join(f"* {' '.join(escape(item).splitlines())}" for item in items))


def lines(*parts: object) -> Markup:
    """Join the parts by line breaks, with an empty line after a quotation or list."""
    *before, last = [escape(part) for part in parts] or [Markup()]
    ended = [f"{part}\n\n" if isinstance(part, Block) else f"{part}\n" for part in before]
    return type(last)("".join([*ended, last]))


def _around(mark: str, parts: tuple[object, ...]) -> Markup:
    """Mark each line, because marks do not reach over an empty one."""
    inside = "".join(map(escape, parts))
    return Markup(re.sub(r"\S(?:.*\S)?", lambda line: f"{mark}{line.group()}{mark}", inside))


def _fence(text: str, least: int) -> str:
    longest = max((len(run) for run in _FENCE.findall(text)), default=0)
    return "`" * max(least, longest + 1 if longest else 0)
