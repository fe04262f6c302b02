"""The transformer that writes the journal of API calls."""

import asyncio
import json
import logging
import re
import time
from contextlib import nullcontext
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection, transaction

from bots.framework.api import ApiResponse, Call, Signal, Transformer
from bots.models import ApiCall, Bot
from core.masking import SECRET_KEY, mask
from core.storable import storable

logger = logging.getLogger(__name__)

MAX_LENGTH = 4000
# Including the signed fields of uploads.
SECRET_KEYS = re.compile(rf"{SECRET_KEY.pattern}|credential|policy|_key$", re.IGNORECASE)


def journal(bot: Bot) -> Transformer:
    """Write each call to the journal in the admin, with secrets masked.

    Installed first, it records each attempt without the delays of throttling. If the journal
    cannot be written, an error is logged and the call succeeds.
    """

    async def call_journalled(
        prev: Call, method: str, payload: dict[str, Any], signal: Signal | None
    ) -> ApiResponse:
        asked, started = render(payload), time.perf_counter()
        row = ApiCall(bot_id=bot.pk, method=method, payload=asked)
        try:
            response = await prev(method, payload, signal)
        except (Exception, asyncio.CancelledError) as error:
            row.error = storable(f"{type(error).__name__}: {error}"[:MAX_LENGTH])
            raise
        else:
            row.status, row.answer = response.status, render(response.body)
            return response
        finally:
            row.duration_ms = round((time.perf_counter() - started) * 1000)
            await sync_to_async(_write)(row)

    return call_journalled


def _write(row: ApiCall) -> None:
    try:
        # A failed insert would break a transaction that the handler may have opened.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            row.save(force_insert=True)
    except DatabaseError as error:
        logger.warning("A call of %s could not be written down: %s", row.method, error)


def render(value: Any) -> str:
    """Return the value as JSON with secrets masked, truncated to a maximum length."""
    text = json.dumps(storable(mask(value, keys=SECRET_KEYS)), ensure_ascii=False)
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"
