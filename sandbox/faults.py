"""Misbehaving on purpose: what the API does to bots when its switches are on."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from django.http import HttpResponse

from sandbox.limits import TooManyCalls
from sandbox.models import Faults

NO_ANSWER_FOR = 30.0
SORRY = "<html><head><title>500</title></head><body><h1>Internal Server Error</h1></body></html>"


def happens(probability: float) -> bool:
    return random.random() < probability  # noqa: S311  nothing is guarded by it


@dataclass(frozen=True)
class Fault:
    """What befalls one call: a pause before it, an answer instead of it, or no answer at all."""

    pause: float = 0.0
    answer: HttpResponse | None = None
    is_silent: bool = False

    async def befall(self, call: Callable[[], Awaitable[HttpResponse]]) -> HttpResponse:
        await asyncio.sleep(self.pause)
        if self.answer is not None:
            return self.answer
        if not self.is_silent:
            return await call()
        # Half of the calls that are never answered were carried out nevertheless.
        if happens(0.5):
            await call()
        await asyncio.sleep(NO_ANSWER_FOR)
        return HttpResponse(status=504)


def draw() -> Fault | None:
    """Return what befalls the next call, by the switches' chances."""
    faults = Faults.current()
    pause = faults.api_delay_ms / 1000
    if happens(faults.api_rate_429):
        return Fault(pause, answer=TooManyCalls(retry_after=1).response())
    if happens(faults.api_rate_500):
        return Fault(pause, answer=HttpResponse(SORRY, status=500))
    if happens(faults.api_timeout):
        return Fault(pause, is_silent=True)
    return Fault(pause) if pause else None
