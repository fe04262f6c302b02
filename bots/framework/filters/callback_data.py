"""The data of buttons as typed classes."""

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

from bots.framework.events.types import Button
from bots.framework.filters.base import Filter, Verdict, as_filter
from bots.framework.routing.injection import Context

MAX_LENGTH = 255
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
    """The data does not belong to this class, or is longer than 255 characters."""


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
        """Return the data of a button. Raises BadCallbackData if it is too long."""
        values = [_write(getattr(self, field.name)) for field in fields(self)]  # type: ignore[arg-type]
        packed = SEPARATOR.join([self.prefix, *values])
        if len(packed) > MAX_LENGTH:
            raise BadCallbackData(f"{packed[:60]}… has {len(packed)} characters, {MAX_LENGTH} fit.")
        return packed

    @classmethod
    def unpack(cls, data: str) -> Self:
        """Parse the data of a button. Raises BadCallbackData if it is not of this class."""
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
        """Return a filter of presses with this data that pass `rule`, such as `F.poll == 1`."""
        cls._readers()  # raises BadCallbackData for unsupported types at start-up
        return CallbackDataFilter(cls, None if rule is None else as_filter(rule))

    @classmethod
    def as_filter(cls) -> Filter:
        """Return the filter, so that the object can be passed where a filter is expected."""
        return cls.filter()

    @classmethod
    @cache
    def _readers(cls) -> list[tuple[str, Callable[[str], Any]]]:
        hints = typing.get_type_hints(cls)
        return [(field.name, _reader(hints[field.name])) for field in fields(cls)]  # type: ignore[arg-type]


class CallbackDataFilter(Filter):
    """Passes presses with data of the class, and adds it as `callback_data`."""

    gives = frozenset({"callback_data"})
    events = (Button,)

    def __init__(self, kind: type[CallbackData], rule: Filter | None) -> None:
        self.kind, self.rule = kind, rule

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Implement `Filter.passes`."""
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
            return "%"  # distinguishes it from None
    return str(value).replace("%", "%25").replace(SEPARATOR, "%3A")


def _reader(hint: Any) -> Callable[[str], Any]:
    """Return a parser for the type. Raises BadCallbackData for unsupported types."""
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
