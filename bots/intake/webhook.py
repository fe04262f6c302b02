"""The webhook endpoint: has the signature checked and the update stored, then responds with 200.

The check of the signature is `bots.intake.inbox.check_signature`.

It is a separate ASGI application, because Django's middleware costs many times more than the intake
itself.
"""

import asyncio
import logging
from typing import Any

from django.conf import settings
from django.db import Error

from bots.intake import inbox
from bots.intake.batching import Batcher, QueueFull
from bots.intake.inbox import Post, Receipt, Refused
from bots.models.jobs import State
from bots.runtime import inline, loop
from core.asgi.responses import respond_json
from jobs.doorbell import ring

logger = logging.getLogger(__name__)
Answer = tuple[int, dict[str, Any]]

TOO_LARGE: Answer = (413, {"error": "The body is too large."})
NOT_POST: Answer = (405, {"error": "Only POST is answered here."})
TOO_SLOW: Answer = (408, {"error": "The body did not come in time."})
UNAVAILABLE: Answer = (503, {"error": "The update cannot be stored now."})
HEADERS = {405: [(b"allow", b"POST")], 503: [(b"retry-after", b"5")]}
# Seconds for the response, in addition to the handler's time.
MARGIN = 0.3


class Webhook:
    """Receives updates of the bot in the URL. 200 means that the update has been stored.

    The body must arrive within `patience` seconds.
    """

    def __init__(self, patience: float = 10) -> None:
        self._patience = patience
        threads = loop.Threads(2, "bots-intake")
        self._take = Batcher(inbox.take, threads)
        self._bell = Batcher(_ring, threads)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        status, answer = await self._answer(scope, receive)
        await respond_json(send, status, answer, HEADERS.get(status, ()))

    async def _answer(self, scope: Any, receive: Any) -> Answer:
        if scope["method"] != "POST":
            return NOT_POST
        slug = scope["url_route"]["kwargs"]["slug"]
        try:
            async with asyncio.timeout(self._patience):
                body = await _body(receive)
        except TimeoutError:
            _log_refusal(slug, f"The body did not arrive within {self._patience:g} s.")
            return TOO_SLOW
        if body is None:
            limit = settings.BOTS_WEBHOOK_MAX_BYTES
            _log_refusal(slug, f"The body exceeds BOTS_WEBHOOK_MAX_BYTES ({limit}).")
            return TOO_LARGE
        try:
            receipt = await self._take.add(Post(slug, body, _signature(scope)))
            if isinstance(receipt, Refused):
                _log_refusal(slug, receipt.reason)
            return await self._taken(receipt)
        except QueueFull as error:
            return 503, {"error": str(error)}
        except Error as error:
            logger.error("An update could not be stored: %s", error)
            return UNAVAILABLE

    async def _taken(self, receipt: Receipt | Refused) -> Answer:
        if isinstance(receipt, Refused):
            return receipt.status, {"error": type(receipt).__doc__}
        if not receipt.is_new:
            return 200, {"result": "duplicate"}
        if receipt.update.state == State.WAITING:
            self._bell.add(receipt.update.pk)
        if receipt.update.state == State.WORKING:
            return await _handle_inline(receipt)
        return 200, {"result": "stored"}


def _log_refusal(slug: str, reason: str) -> None:
    logger.warning("The webhook of the bot %s was refused: %s", slug, reason)


async def _handle_inline(receipt: Receipt) -> Answer:
    """Handle the update while Pachca waits, on the event loop of jobs."""
    update = receipt.update
    job = asyncio.wrap_future(loop.current_loop().submit(inline.handle(update.pk)))
    done, _late = await asyncio.wait([job], timeout=settings.BOTS_INLINE_LIMIT + MARGIN)
    errors = job.result() if done else inline.in_form(update, inline.too_late())
    return (400, {"errors": errors}) if errors else (200, {"result": "handled"})


async def _body(receive: Any) -> bytes | None:
    """Return the body, or None if it is too large."""
    body, more = b"", True
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
        if len(body) > settings.BOTS_WEBHOOK_MAX_BYTES:
            return None
    return body


def _signature(scope: Any) -> str:
    given = (value for name, value in scope["headers"] if name == b"pachca-signature")
    return next(given, b"").decode("latin-1")


def _ring(update_ids: Any) -> list[None]:
    ring("bots.handle_update", *update_ids)
    return [None] * len(update_ids)
