"""Trying again what may well succeed the next time."""

import copy
import random
from typing import Any

from bots.api import ApiResponse, Call, NoAnswer, NotSent, Signal, Transformer, pause
from bots.api.table import METHODS

TOO_MANY = 429
# These may be made twice without harm, though they are POST.
HARMLESS = {"get_upload_params", "upload_file"}


def auto_retry(
    attempts: int = 4,
    longest_pause: float = 60.0,
    repeat_sends: bool = False,
    first_pause: float = 1.0,
) -> Transformer:
    """Repeat calls that met 429, 5xx or a broken connection, at most `attempts` times in all.

    Waits as long as `Retry-After` asks, else 1, 2, 4 s, give or take a quarter. What would have to
    wait longer than `longest_pause` is given back as it is. A call that makes something and may
    have arrived is not repeated, because it would be made twice, unless `repeat_sends`.
    """

    async def retried(
        prev: Call, method: str, payload: dict[str, Any], signal: Signal | None
    ) -> ApiResponse:
        may_repeat = repeat_sends or method in HARMLESS or METHODS[method][0] != "POST"
        for attempt in range(1, attempts + 1):
            seconds = first_pause * 2 ** (attempt - 1) * _jitter()
            try:
                response = await prev(method, copied(payload), signal)
            except NoAnswer as error:
                if attempt == attempts or not (may_repeat or isinstance(error, NotSent)):
                    raise
            else:
                if response.status == TOO_MANY:
                    seconds = seconds if response.retry_after is None else response.retry_after
                elif response.status < 500 or not may_repeat:
                    return response
                if attempt == attempts or seconds > longest_pause:
                    return response
            await pause(seconds, signal)
        raise ValueError("attempts must be at least 1")

    return retried


def copied(payload: Any) -> Any:
    """Return a copy that may be changed at will; files are not copied, they open anew."""
    if isinstance(payload, dict):
        return {name: copied(value) for name, value in payload.items()}
    if isinstance(payload, list):
        return [copied(value) for value in payload]
    return copy.copy(payload)


def _jitter() -> float:
    return random.uniform(0.75, 1.25)  # noqa: S311
