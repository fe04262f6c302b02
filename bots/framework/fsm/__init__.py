"""Finite-state machines for conversations: states, data and scenes."""

from bots.framework.fsm.context import FSMContext, PlainFSMContext
from bots.framework.fsm.state import State, StateFilter, StatesGroup, any_state, default_state
from bots.framework.fsm.strategy import FSMStrategy

__all__ = [
    "FSMContext",
    "FSMStrategy",
    "PlainFSMContext",
    "State",
    "StateFilter",
    "StatesGroup",
    "any_state",
    "default_state",
]
