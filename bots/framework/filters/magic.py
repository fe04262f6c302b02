"""`F`: filters written as expressions, such as `F.text.len() > 100` or `F.code.in_({"👍", "👎"})`.

The expressions are magic-filter's, the library that aiogram took them out into.
"""

from typing import Any

from magic_filter import MagicFilter
from magic_filter.operations import BaseOperation

from bots.calling import Context
from bots.filters.base import Filter, Verdict


class Given(dict[str, Any]):
    """What an expression gives the handler: told apart from a dictionary that is just a value."""


class GiveAs(BaseOperation):
    def __init__(self, name: str) -> None:
        self.name = name

    def resolve(self, value: Any, initial_value: Any) -> Given | None:
        return None if value is None or value is False else Given({self.name: value})


class Magic(MagicFilter):
    """An expression over the event; `.as_("name")` at its end gives its value to the handler."""

    __slots__ = ()

    def as_(self, name: str) -> "Magic":
        return self._extend(GiveAs(name))

    def as_filter(self) -> Filter:
        return MagicPasses(self)

    def __and__(self, other: Any) -> Any:
        return MagicPasses(self) & other if _combines(self, other) else super().__and__(other)

    def __or__(self, other: Any) -> Any:
        return MagicPasses(self) | other if _combines(self, other) else super().__or__(other)


class MagicPasses(Filter):
    """Passes an event for which the expression is true."""

    def __init__(self, magic: MagicFilter) -> None:
        self.magic = magic
        self.gives = frozenset(names_given(magic))

    async def passes(self, event: Any, context: Context) -> Verdict:
        value = self.magic.resolve(event)
        return dict(value) if isinstance(value, Given) else bool(value)


def names_given(magic: MagicFilter) -> list[str]:
    return [it.name for it in magic._operations if isinstance(it, GiveAs)]


def _combines(magic: Magic, other: Any) -> bool:
    """Tell whether the two are combined as filters rather than within one expression."""
    if isinstance(other, MagicFilter):
        return bool(names_given(magic) or names_given(other))
    return isinstance(other, Filter) or hasattr(other, "as_filter")


F = Magic()
