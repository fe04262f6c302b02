"""The filter of error handlers."""

from typing import Any

from bots.framework.events.types import Failure
from bots.framework.filters.base import Filter, Verdict
from bots.framework.routing.injection import Context


class Raised(Filter):
    """Passes failures whose exception is an instance of one of these classes."""

    events = (Failure,)

    def __init__(self, *exceptions: type[Exception]) -> None:
        self.exceptions = exceptions

    async def passes(self, event: Any, context: Context) -> Verdict:
        """Implement `Filter.passes`."""
        return isinstance(event.exception, self.exceptions)
