"""Conversations of several messages: states, what is remembered between them, and scenes."""

from bots.fsm.context import FSMContext, PlainFSMContext
from bots.fsm.state import State, StateFilter, StatesGroup, any_state, default_state
from bots.fsm.strategy import FSMStrategy

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
