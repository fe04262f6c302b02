"""Dry runs: only reads are made, other calls return invented responses."""

from itertools import count
from typing import Any

from django.utils import timezone

from bots.framework.api import ApiResponse, Call, Signal, Transformer
from bots.framework.api.table import METHODS


def dry_run(reads: bool = True) -> Transformer:
    """Change nothing in Pachca: make calls that read, and invent the responses of others.

    Without `reads` no call is made: lists are empty, and an object has only an id.
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
    """Return an invented response: the given object with the id `number`."""
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
