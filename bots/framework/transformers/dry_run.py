"""Calls that are not made: reads go through, everything else is answered as if it had worked."""

from itertools import count
from typing import Any

from django.utils import timezone

from bots.api import ApiResponse, Call, Signal, Transformer
from bots.api.table import METHODS


def dry_run(reads: bool = True) -> Transformer:
    """Let nothing change in Pachca: what only reads is let through, the rest is made up.

    Without `reads` nobody is asked anything: lists are empty, and one thing has no more than its
    id.
    """
    numbers = count(1)

    async def dry(
        prev: Call, method: str, payload: dict[str, Any], signal: Signal | None
    ) -> ApiResponse:
        if reads and METHODS[method][0] == "GET":
            return await prev(method, payload, signal)
        return made_up(method, payload, -next(numbers))

    return dry


def made_up(method: str, payload: dict[str, Any], number: int) -> ApiResponse:
    """Return the answer that a call might get: what was given, under the id `number`."""
    verb = METHODS[method][0]
    if verb == "DELETE":
        return ApiResponse(204)
    if method == "get_upload_params":
        return ApiResponse(201, {"key": f"dry/{-number}/${{filename}}", "direct_url": "dry:"})
    if method == "upload_file":
        return ApiResponse(204)
    if method.startswith(("list_", "search_")):
        return ApiResponse(200, {"data": []})
    given = next((it for it in payload.values() if isinstance(it, dict)), payload)
    data = {"id": number, "created_at": timezone.now().isoformat(), **given}
    return ApiResponse(201 if verb == "POST" else 200, {"data": data})
