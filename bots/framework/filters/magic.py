"""`F`: filters written as expressions, such as `F.text.len() > 100` or `F.code.in_({"👍", "👎"})`.

The expressions are those of magic-filter, the library that aiogram uses.
"""

from collections.abc import Iterator
from typing import Any

from magic_filter import MagicFilter
from magic_filter.operations import BaseOperation, GetAttributeOperation

from bots.framework.events.base import Event
from bots.framework.filters.base import Filter, Verdict
from bots.framework.routing.errors import did_you_mean
from bots.framework.routing.injection import Context


class Given(dict[str, Any]):
    """Values that an expression adds to the context, as opposed to a dictionary as its value."""


class GiveAs(BaseOperation):
    """The operation `.as_(name)` at the end of an expression."""

    def __init__(self, name: str) -> None:
        self.name = name

    def resolve(self, value: Any, initial_value: Any) -> Given | None:
        """Return the value under its name; None and False reject the event."""
        return None if value is None or value is False else Given({self.name: value})


class Magic(MagicFilter):
    """An expression about the event; `.as_("name")` at its end adds its value to the context."""

    __slots__ = ()

    def as_(self, name: str) -> "Magic":
        """Pass the value of the expression to the handler under this name."""
        return self._extend(GiveAs(name))

    def as_filter(self) -> Filter:
        """Return the filter, so that the object can be passed where a filter is expected."""
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

    def misfits(self, event_type: type) -> Iterator[str]:
        """Implement `Filter.misfits`."""
        if (name := _first_name(self.magic)) and event_type is not Event:
            known = {*dir(event_type), *getattr(event_type, "__dataclass_fields__", ())}
            if name not in known:
                hint = did_you_mean(name, (it for it in known if not it.startswith("_")))
                yield f"F.{name}: {event_type.__name__} has no {name}.{hint}"

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Implement `Filter.passes`."""
        value = self.magic.resolve(event)
        return dict(value) if isinstance(value, Given) else bool(value)


def names_given(magic: MagicFilter) -> list[str]:
    """Return the names that the expression passes to the handler."""
    return [it.name for it in magic._operations if isinstance(it, GiveAs)]


def _first_name(magic: MagicFilter) -> str:
    """Return the first attribute in the expression, or ""."""
    first = next(iter(magic._operations), None)
    return first.name if isinstance(first, GetAttributeOperation) else ""


def _combines(magic: Magic, other: Any) -> bool:
    """Return whether the two are combined as filters instead of within one expression."""
    if isinstance(other, MagicFilter):
        return bool(names_given(magic) or names_given(other))
    return isinstance(other, Filter) or hasattr(other, "as_filter")


F = Magic()
