"""The address that Pachca posts to: check, store, and only then say 200.

An ASGI application of its own: Django's middleware is made for people's browsers, and costs many
times what the intake itself does.
"""

import asyncio
import json
import logging
from typing import Any

from django.conf import settings
from django.db import Error

from bots import inbox, inline, loop
from bots.gathering import Gathered, TooMuch
from bots.inbox import Post, Receipt, Refused
from bots.jobs import State
from jobs.doorbell import ring

logger = logging.getLogger(__name__)
Answer = tuple[int, dict[str, Any]]

TOO_LARGE: Answer = (413, {"error": "The body is too large."})
NOT_POST: Answer = (405, {"error": "Only POST is answered here."})
TOO_SLOW: Answer = (408, {"error": "The body did not come in time."})
AWAY: Answer = (503, {"error": "The update cannot be stored now."})
# What an answer needs beyond the handler's own time.
MARGIN = 0.3


class Webhook:
    """Takes updates for the bot that the address names. 200 means: stored, now or before.

    A body must have come within `patience` seconds.
    """

    def __init__(self, patience: float = 10) -> None:
        self._patience = patience
        threads = loop.Threads(2, "bots-intake")
        self._take = Gathered(inbox.take, threads)
        self._bell = Gathered(_ring, threads)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        status, answer = await self._answer(scope, receive)
        body = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        if status == 405:
            headers.append((b"allow", b"POST"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Any, receive: Any) -> Answer:
        if scope["method"] != "POST":
            return NOT_POST
        try:
            async with asyncio.timeout(self._patience):
                body = await _body(receive)
        except TimeoutError:
            return TOO_SLOW
        if body is None:
            return TOO_LARGE
        slug = scope["url_route"]["kwargs"]["slug"]
        try:
            return await self._taken(await self._take.add(Post(slug, body, _signature(scope))))
        except TooMuch as error:
            return 503, {"error": str(error)}
        except Error as error:
            logger.error("An update could not be stored: %s", error)
            return AWAY

    async def _taken(self, receipt: Receipt | Refused) -> Answer:
        if isinstance(receipt, Refused):
            return receipt.status, {"error": type(receipt).__doc__}
        if not receipt.is_new:
            return 200, {"result": "duplicate"}
        if receipt.update.state == State.WAITING:
            self._bell.add(receipt.update.pk)
        if receipt.update.state == State.WORKING:
            return await _handled_inline(receipt)
        return 200, {"result": "stored"}


async def _handled_inline(receipt: Receipt) -> Answer:
    """Handle the update while Pachca waits, on the loop of the jobs: this one serves others too."""
    update = receipt.update
    job = asyncio.wrap_future(loop.here().submit(inline.handle(update.pk)))
    done, _late = await asyncio.wait([job], timeout=settings.BOTS_INLINE_LIMIT + MARGIN)
    errors = job.result() if done else inline.in_form(update, inline.too_late())
    return (400, {"errors": errors}) if errors else (200, {"result": "handled"})


async def _body(receive: Any) -> bytes | None:
    """Return the whole body, None when it is too large."""
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
