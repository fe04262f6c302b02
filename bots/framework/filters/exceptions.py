"""What went wrong, for error handlers."""

from typing import Any

from bots.calling import Context
from bots.filters.base import Filter, Verdict


class Raised(Filter):
    """Passes failures whose exception is one of these."""

    def __init__(self, *exceptions: type[Exception]) -> None:
        self.exceptions = exceptions

    async def passes(self, event: Any, context: Context) -> Verdict:
        return isinstance(event.exception, self.exceptions)
