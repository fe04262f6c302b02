"""What a button tells when it is pressed, as a typed class rather than as text to take apart."""

import datetime
import enum
import types
import typing
import uuid
from collections.abc import Callable
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, ClassVar, Self, dataclass_transform
from urllib.parse import quote, unquote

from bots.calling import Context
from bots.filters.base import Filter, Verdict, as_filter

LONGEST = 255
SEPARATOR = ":"
OWN_NAMES = frozenset({"prefix", "pack", "unpack", "filter", "as_filter"})

READERS: dict[type, Callable[[str], Any]] = {
    str: str,
    int: int,
    float: float,
    bool: {"1": True, "0": False}.__getitem__,
    Decimal: Decimal,
    uuid.UUID: uuid.UUID,
    datetime.date: datetime.date.fromisoformat,
    datetime.datetime: datetime.datetime.fromisoformat,
}


class BadCallbackData(ValueError):
    """The data is not of this class, or does not fit into 255 characters."""


@dataclass_transform(kw_only_default=True)
class CallbackData:
    """The data of a button.

    class Vote(CallbackData, prefix="vote"):
        poll: int
        option: str

    Vote(poll=1, option="a").pack() == "vote:1:a", and `@router.button(Vote.filter())` gives it back
    as `callback_data`. Fields are of str, int, float, bool, Decimal, UUID, date, datetime, an Enum,
    or one of these or None.
    """

    prefix: ClassVar[str] = ""

    def __init_subclass__(cls, prefix: str = "") -> None:
        if not prefix or SEPARATOR in prefix or "%" in prefix:
            raise BadCallbackData(f"{cls.__name__} needs a prefix without “:” and “%”.")
        if taken := OWN_NAMES & vars(cls).get("__annotations__", {}).keys():
            raise BadCallbackData(f"A field cannot be called {', '.join(sorted(taken))}.")
        cls.prefix = prefix
        dataclass(kw_only=True, frozen=True)(cls)

    def pack(self) -> str:
        """Return the text for a button; raises BadCallbackData when it is too long."""
        values = [_write(getattr(self, field.name)) for field in fields(self)]  # type: ignore[arg-type]
        packed = SEPARATOR.join([self.prefix, *values])
        if len(packed) > LONGEST:
            raise BadCallbackData(f"{packed[:60]}… has {len(packed)} characters, {LONGEST} fit.")
        return packed

    @classmethod
    def unpack(cls, data: str) -> Self:
        """Read the text of a button; raises BadCallbackData for whatever is not of this class."""
        prefix, *parts = data.split(SEPARATOR)
        readers = cls._readers()
        if prefix != cls.prefix or len(parts) != len(readers):
            raise BadCallbackData(f"{data[:60]!r} is no {cls.__name__}.")
        try:
            return cls(
                **{name: read(part) for (name, read), part in zip(readers, parts, strict=True)}
            )
        except (ValueError, KeyError, InvalidOperation) as error:
            raise BadCallbackData(f"{data[:60]!r} is no {cls.__name__}: {error}") from error

    @classmethod
    def filter(cls, rule: Any = None) -> Filter:
        """Pass presses with this data, if the rule about it (such as `F.poll == 1`) passes too."""
        cls._readers()  # a type that no button can carry is told at start-up
        return CallbackDataFilter(cls, None if rule is None else as_filter(rule))

    @classmethod
    def as_filter(cls) -> Filter:
        return cls.filter()

    @classmethod
    @cache
    def _readers(cls) -> list[tuple[str, Callable[[str], Any]]]:
        hints = typing.get_type_hints(cls)
        return [(field.name, _reader(hints[field.name])) for field in fields(cls)]  # type: ignore[arg-type]


class CallbackDataFilter(Filter):
    """Passes presses whose data is of the class; gives it as `callback_data`."""

    gives = frozenset({"callback_data"})

    def __init__(self, kind: type[CallbackData], rule: Filter | None) -> None:
        self.kind, self.rule = kind, rule

    async def passes(self, event: Any, context: Context) -> Verdict:
        try:
            data = self.kind.unpack(event.data)
        except BadCallbackData:
            return False
        if self.rule is not None and await self.rule.passes(data, context) is False:
            return False
        return {"callback_data": data}


def _write(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(int(value))
        case enum.Enum():
            return _write(value.value)
        case datetime.date():
            return quote(value.isoformat(), safe="")
        case "":
            return "%"  # told apart from None
    return str(value).replace("%", "%25").replace(SEPARATOR, "%3A")


def _reader(hint: Any) -> Callable[[str], Any]:
    """Return what reads a part of this type; raises BadCallbackData for types not known."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        (kind,) = [it for it in typing.get_args(hint) if it is not type(None)]
        read = _reader(kind)
        return lambda part: None if part == "" else read(part)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {_write(member): member for member in hint}.__getitem__
    if hint not in READERS:
        raise BadCallbackData(f"A button cannot carry {hint!r}.")
    return lambda part: READERS[hint](_plain(part))


def _plain(part: str) -> str:
    return "" if part == "%" else unquote(part)
