"""Writing down every call: what was asked, how long it took, what came back."""

import asyncio
import json
import logging
import re
import time
from contextlib import nullcontext
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection, transaction

from bots.api import ApiResponse, Call, InputFile, Signal, Transformer
from bots.models import ApiCall, Bot

logger = logging.getLogger(__name__)

LONGEST = 4000
DEEPEST = 12
MASK = "***"
SECRET = re.compile(r"token|secret|passw|authorization|signature|credential|policy|_key$", re.I)


def journal(bot: Bot) -> Transformer:
    """Write each call into the journal that the admin shows, secrets masked.

    Installed first, it sees every attempt, and the time without the waiting for limits. A journal
    that cannot be written costs a line in the log, and no call.
    """

    async def journalled(
        prev: Call, method: str, payload: dict[str, Any], signal: Signal | None
    ) -> ApiResponse:
        asked, started = told(payload), time.perf_counter()
        row = ApiCall(bot_id=bot.pk, method=method, payload=asked)
        try:
            response = await prev(method, payload, signal)
        except (Exception, asyncio.CancelledError) as error:
            row.error = f"{type(error).__name__}: {error}"[:LONGEST]
            raise
        else:
            row.status, row.answer = response.status, told(response.body)
            return response
        finally:
            row.duration_ms = round((time.perf_counter() - started) * 1000)
            await sync_to_async(_write)(row)

    return journalled


def _write(row: ApiCall) -> None:
    try:
        # A failed insert would spoil the transaction that a handler may have open.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            row.save(force_insert=True)
    except DatabaseError as error:
        logger.warning("A call of %s could not be written down: %s", row.method, error)


def told(value: Any) -> str:
    """Return the value as JSON that may be shown: secrets masked, and cut where it grows long."""
    text = json.dumps(masked(value), ensure_ascii=False, default=str).replace("\\u0000", "")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def masked(value: Any, depth: int = 0) -> Any:
    if depth > DEEPEST:
        return "…"
    match value:
        case dict():
            return {
                name: MASK if SECRET.search(str(name)) and item else masked(item, depth + 1)
                for name, item in value.items()
            }
        case list() | tuple():
            return [masked(item, depth + 1) for item in value]
        case InputFile():
            return value.name
        case str():
            return value.encode(errors="backslashreplace").decode()
    return value
