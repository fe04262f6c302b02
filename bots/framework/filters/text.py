"""What the text says."""

import re
from typing import Any

from bots.calling import Context
from bots.filters.base import Filter, Verdict


class Text(Filter):
    """Passes a text that is one of these, or begins with, ends with or contains what is named.

    Case does not matter unless `ignore_case` is False.
    """

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
        text = self._fold(getattr(event, "text", "").strip())
        starts, ends, within = self.parts_of
        if self.equals and text not in self.equals:
            return False
        return text.startswith(starts) and text.endswith(ends) and within in text

    def _fold(self, text: str) -> str:
        return text.casefold() if self.ignore_case else text


class Regexp(Filter):
    """Passes a text in which the expression is found; gives the `match` and its named groups."""

    def __init__(self, pattern: str | re.Pattern[str], flags: int = re.IGNORECASE) -> None:
        self.pattern = re.compile(pattern, flags) if isinstance(pattern, str) else pattern
        self.gives = frozenset({"match", *self.pattern.groupindex})

    async def passes(self, event: Any, context: Context) -> Verdict:
        match = self.pattern.search(getattr(event, "text", ""))
        return {**match.groupdict(), "match": match} if match else False
