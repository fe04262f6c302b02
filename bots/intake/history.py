"""The history of events that Pachca keeps: a way in without an address, and a safety net.

Whatever is read here goes through the same inbox as what the webhook brings, so an event that comes
both ways is acted on once.
"""

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from bots import inbox
from bots.api import Api, ApiError, NoAnswer
from bots.jobs import State
from bots.models import Bot
from jobs.doorbell import ring

logger = logging.getLogger(__name__)

# Pachca allows five calls in two seconds here.
CALLS, WITHIN = 5, 2.0
PAGE = 50
MOST_PAGES = 400
# The clocks of two machines, and the order of their rows, may differ by so much.
MARGIN = timedelta(minutes=10)
IDLE = 1.0
LONGEST_PAUSE = 30.0


class NoHistory(Exception):
    """The history of events cannot be read."""


@dataclass(frozen=True)
class Event:
    id: str
    payload: Any
    created_at: datetime

    @classmethod
    def read(cls, raw: Any) -> "Event":
        moment = parse_datetime(raw["created_at"]) or timezone.now()
        return cls(str(raw["id"]), raw["payload"], moment)


class History:
    """The history of one bot, read and cleared no faster than Pachca allows."""

    def __init__(self, bot: Bot, calls: int = CALLS, within: float = WITHIN) -> None:
        self.bot = bot
        self._api = Api(bot)
        self._within = within
        self._calls: deque[float] = deque(maxlen=calls)

    async def newer_than(self, is_known: Callable[[Event], bool]) -> list[Event]:
        """Return the events that are not known, oldest first.

        Pages are newest first; the last one that is read is the first on which anything is known.
        Raises NoHistory, and NoAnswer.
        """
        found: list[Event] = []
        query: dict[str, Any] = {"limit": PAGE}
        for _ in range(MOST_PAGES):
            page, query["cursor"] = await self._page(query)
            fresh = [event for event in page if not is_known(event)]
            found += fresh
            if len(fresh) < len(page) or not query["cursor"]:
                break
        return found[::-1]

    async def delete(self, event_id: str) -> None:
        """Delete the event from the history; one that is gone already is no matter."""
        response = await self._call("delete_webhook_event", {"id": event_id})
        if not response.ok and response.status != 404:
            raise NoHistory(str(ApiError("delete_webhook_event", response)))

    async def _page(self, query: dict[str, Any]) -> tuple[list[Event], str | None]:
        response = await self._call("get_webhook_events", query)
        if not response.ok:
            raise NoHistory(str(ApiError("get_webhook_events", response)))
        try:
            page = [Event.read(raw) for raw in response.body["data"]]
            pages = response.body.get("meta", {}).get("paginate", {})
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise NoHistory(f"The page cannot be read: {error!r}") from error
        more = pages.get("has_next", len(page) == PAGE) and page
        return page, pages.get("next_page") if more else None

    async def _call(self, method: str, payload: dict[str, Any]) -> Any:
        """Make a call when its turn has come, and once more where Pachca asks to wait."""
        while True:
            await self._turn()
            response = await self._api.call(method, payload)
            if response.status != 429:
                return response
            await asyncio.sleep(min(response.retry_after or self._within, LONGEST_PAUSE))

    async def _turn(self) -> None:
        if len(self._calls) == self._calls.maxlen:
            await asyncio.sleep(self._calls[0] + self._within - time.monotonic())
        self._calls.append(time.monotonic())


def store(bot: Bot, events: list[Event]) -> int:
    """Put the events into the inbox, in this order; return how many of them are new."""
    updates = []
    for event in events:
        try:
            updates.append(inbox.read(bot, _body(event))[0])
        except inbox.NotReadable:
            logger.warning("The event %s of %s cannot be read.", event.id, bot.slug)
    stored = inbox.store(updates)
    new = [update for update, is_new in zip(updates, stored, strict=True) if is_new]
    if waiting := [update.pk for update in new if update.state == State.WAITING]:
        ring("bots.handle_update", *waiting)
    return len(new)


def _body(event: Event) -> bytes:
    payload = event.payload
    if isinstance(payload, dict):
        payload = {"webhook_timestamp": int(event.created_at.timestamp()), **payload}
    return json.dumps(payload).encode()


async def backfill(bot: Bot) -> int:
    """Store what the webhook has missed since this was last asked for; return how much that was.

    Never goes back beyond BOTS_BACKFILL_HOURS or the making of the bot. Raises as History does.
    """
    now = timezone.now()
    since = max(now - timedelta(hours=settings.BOTS_BACKFILL_HOURS), bot.created_at)
    if bot.history_read_at is not None:
        since = max(since, bot.history_read_at - MARGIN)
    events = await History(bot).newer_than(lambda event: event.created_at < since)
    missed = await sync_to_async(store)(bot, events)
    await Bot.objects.filter(pk=bot.pk).aupdate(history_read_at=now)
    return missed


async def backfill_all() -> None:
    """Back-fill every bot that is on; one that cannot be read keeps no other from it."""
    async for bot in Bot.objects.on().exclude(token=""):
        try:
            missed = await backfill(bot)
        except NoHistory as error:
            # Not every bot has its history switched on, or the right to read it.
            logger.info("The history of %s cannot be read: %s", bot.slug, error)
        except NoAnswer as error:
            # The sandbox may still be starting, as the worker is.
            level = logging.INFO if bot.in_sandbox else logging.WARNING
            logger.log(level, "The history of %s cannot be read: %s", bot.slug, error)
        else:
            if missed:
                logger.warning("The webhook of %s has missed %s updates.", bot.slug, missed)


class Poller:
    """Reads a bot's history again and again, and deletes from it what is stored."""

    def __init__(self, history: History, say: Callable[[str], None], idle: float = IDLE) -> None:
        self.history = history
        self._say = say
        self._idle = idle
        # Stored, and still to be deleted.
        self._stored: deque[str] = deque()

    async def run(self) -> None:
        """Poll for ever; raises NoHistory when the history can never be read."""
        pause = self._idle
        while True:
            try:
                await self.round()
                pause = self._idle
            except NoAnswer as error:
                self._say(f"Nobody answers ({error}); asking again in {pause:g} s.")
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            if not self._stored:
                await asyncio.sleep(self._idle)

    async def round(self) -> int:
        """Store what is new, then delete a little of what is stored; return how much was new."""
        known = frozenset(self._stored)
        events = await self.history.newer_than(lambda event: event.id in known)
        bot = self.history.bot
        new = await sync_to_async(store)(bot, events) if events else 0
        self._stored += [event.id for event in events]
        if new:
            self._say(f"{new} new")
        # Looking for what is new must not wait until a long history is deleted.
        for _ in range(min(len(self._stored), CALLS - 2)):
            await self.history.delete(self._stored[0])
            self._stored.popleft()
        return new

    @property
    def is_through(self) -> bool:
        return not self._stored
