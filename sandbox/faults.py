"""Fault injection: delays, errors and time-outs of the emulated API."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from django.http import HttpResponse

from sandbox.api.limits import TooManyCalls
from sandbox.models import Faults

TIMEOUT_FAULT_DURATION = 30.0
ERROR_PAGE = (
    "<html><head><title>500</title></head><body><h1>Internal Server Error</h1></body></html>"
)


def happens(probability: float) -> bool:
    """Return True with the given probability."""
    return random.random() < probability  # noqa: S311  not security-relevant


@dataclass(frozen=True)
class Fault:
    """What happens to a call: a delay, a response in its place, or no response."""

    pause: float = 0.0
    """Seconds before the response."""
    answer: HttpResponse | None = None
    is_silent: bool = False

    async def apply(self, call: Callable[[], Awaitable[HttpResponse]]) -> HttpResponse:
        """Return the faulty response, running `call` unless the fault replaces it."""
        await asyncio.sleep(self.pause)
        if self.answer is not None:
            return self.answer
        if not self.is_silent:
            return await call()
        # Half of the calls without a response are executed nevertheless.
        if happens(0.5):
            await call()
        await asyncio.sleep(TIMEOUT_FAULT_DURATION)
        return HttpResponse(status=504)


def draw_fault() -> Fault | None:
    """Draw the fault of the next call with the configured probabilities."""
    faults = Faults.current()
    pause = faults.api_delay_ms / 1000
    if happens(faults.api_rate_429):
        return Fault(pause, answer=TooManyCalls(retry_after=1).response())
    if happens(faults.api_rate_500):
        return Fault(pause, answer=HttpResponse(ERROR_PAGE, status=500))
    if happens(faults.api_timeout):
        return Fault(pause, is_silent=True)
    return Fault(pause) if pause else None
