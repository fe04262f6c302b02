"""Filters by text."""

import re
from typing import Any

from bots.framework.events.types import Message
from bots.framework.filters.base import Filter, Verdict
from bots.framework.routing.injection import Context


class Text(Filter):
    """Passes messages whose text equals one of these, or starts with, ends with or contains a text.

    Case is ignored unless `ignore_case` is False.
    """

    events = (Message,)

    def __init__(
        self,
        *equals: str,
        startswith: str = "",
        endswith: str = "",
        contains: str = "",
        ignore_case: bool = True,
    ) -> None:
        self.ignore_case = ignore_case
        self.equals = frozenset(map(self._fold, equals))
        self.parts_of = tuple(map(self._fold, (startswith, endswith, contains)))

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Implement `Filter.passes`."""
        text = self._fold(getattr(event, "text", "").strip())
        starts, ends, within = self.parts_of
        if self.equals and text not in self.equals:
            return False
        return text.startswith(starts) and text.endswith(ends) and within in text

    def _fold(self, text: str) -> str:
        return text.casefold() if self.ignore_case else text


class Regexp(Filter):
    """Passes messages in which the pattern is found; adds `match` and its named groups."""

    events = (Message,)

    def __init__(self, pattern: str | re.Pattern[str], flags: int = re.IGNORECASE) -> None:
        self.pattern = re.compile(pattern, flags) if isinstance(pattern, str) else pattern
        self.gives = frozenset({"match", *self.pattern.groupindex})

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Implement `Filter.passes`."""
        match = self.pattern.search(getattr(event, "text", ""))
        return {**match.groupdict(), "match": match} if match else False
