"""States of conversations and groups of states."""

from typing import Any

from bots.framework.filters.base import Filter, Verdict
from bots.framework.routing.injection import Context
from core.storable import storable


class State:
    """A state of a conversation. As a filter it passes events while the conversation is in it.

    class Order(StatesGroup):
        size = State()
        address = State()

    @router.message(Order.size)
    """

    def __init__(self, name: str = "") -> None:
        self._name = name
        self.group: type[StatesGroup] | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = self._name or name

    @property
    def state(self) -> str:
        """The stored name, such as "Order:size"."""
        return f"{self.group.whole_name()}:{self._name}" if self.group else self._name

    def as_filter(self) -> Filter:
        """Return the filter, so that the object can be passed where a filter is expected."""
        return StateFilter(self)

    def __repr__(self) -> str:
        return f"<State {self.state}>"


class StatesGroup:
    """A group of states, which may be nested, and a filter for all of them."""

    states: tuple[State, ...] = ()
    outside: "type[StatesGroup] | None" = None

    def __init_subclass__(cls) -> None:
        own = [it for it in vars(cls).values() if isinstance(it, State)]
        inner = [it for name, it in vars(cls).items() if name != "outside" and _is_group(it)]
        for state in own:
            state.group = cls
        for group in inner:
            group.outside = cls
        cls.states = (*own, *(state for group in inner for state in group.states))

    @classmethod
    def whole_name(cls) -> str:
        """Return the name with those of the outer groups, such as "Order.Payment"."""
        return f"{cls.outside.whole_name()}.{cls.__name__}" if cls.outside else cls.__name__

    @classmethod
    def as_filter(cls) -> Filter:
        """Return the filter, so that the object can be passed where a filter is expected."""
        return StateFilter(cls)


class StateFilter(Filter):
    """Passes events in one of these states or groups; None means no state, "*" any or none."""

    def __init__(self, *states: Any) -> None:
        self.any = "*" in states
        self.states = [
            part for state in states for part in (state.states if _is_group(state) else [state])
        ]

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Implement `Filter.passes`."""
        if self.any:
            return True
        current = await (await context.need("state")).get_state()
        return current in [storable(name_of(state)) for state in self.states]


def name_of(state: State | str | None) -> str | None:
    """Return the stored name of a state."""
    return state.state if isinstance(state, State) else state


def _is_group(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, StatesGroup)


default_state = StateFilter(None)
any_state = StateFilter("*")
