"""Filters decide which events a handler receives.

A filter is a callable with the event as its first parameter and context values as further ones. It
returns whether the event passes, or a dictionary, which passes and adds values to the context.
"""

from bots.framework.filters.base import Filter, as_filter, gives
from bots.framework.filters.command import Command, CommandCall, CommandStart, command_in
from bots.framework.filters.exceptions import Raised
from bots.framework.filters.magic import F
from bots.framework.filters.people import ChatKind, FromUser
from bots.framework.filters.text import Regexp, Text

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
