"""Filters: what an event must be like for a handler to take it.

A filter is anything that can be called with the event, and with whatever else it names; it returns
whether the event passes, or a dictionary that passes it and adds to what the handler may name.
"""

from bots.filters.base import Filter, as_filter, gives
from bots.filters.command import Command, CommandCall, CommandStart, command_in
from bots.filters.magic import F
from bots.filters.people import ChatKind, FromUser
from bots.filters.raised import Raised
from bots.filters.text import Regexp, Text

__all__ = [
    "ChatKind",
    "Command",
    "CommandCall",
    "CommandStart",
    "F",
    "Filter",
    "FromUser",
    "Raised",
    "Regexp",
    "Text",
    "as_filter",
    "command_in",
    "gives",
]
