"""Retries of failed calls."""

import copy
from typing import Any

from bots.framework.api import ApiResponse, Call, NoAnswer, NotSent, Signal, Transformer, pause
from bots.framework.api.table import METHODS
from core.backoff import Backoff

TOO_MANY = 429
# POST requests that may be repeated safely.
IDEMPOTENT = {"get_upload_params", "upload_file"}


def auto_retry(
    attempts: int = 4,
    longest_pause: float = 60.0,
    repeat_sends: bool = False,
    first_pause: float = 1.0,
) -> Transformer:
    """Retry calls after 429, 5xx or a connection error, with at most `attempts` attempts.

    Waits for `Retry-After`, or for `first_pause` seconds, doubled each time, ±25 %. If the delay
    would exceed `longest_pause` seconds, the response is returned. A call that creates something
    and may have arrived is only repeated with `repeat_sends`, because it could be made twice.
    """

    backoff = Backoff(first_pause, jitter=0.25)

    async def call_with_retries(
        prev: Call, method: str, payload: dict[str, Any], signal: Signal | None
    ) -> ApiResponse:
        may_repeat = repeat_sends or method in IDEMPOTENT or METHODS[method][0] != "POST"
        for attempt in range(1, attempts + 1):
            seconds = backoff.delay(attempt)
            try:
                response = await prev(method, copy_payload(payload), signal)
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

    return call_with_retries


def copy_payload(payload: Any) -> Any:
    """Return a deep copy, except for files, which are reopened."""
    if isinstance(payload, dict):
        return {name: copy_payload(value) for name, value in payload.items()}
    if isinstance(payload, list):
        return [copy_payload(value) for value in payload]
    return copy.copy(payload)
