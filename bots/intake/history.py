"""Reading of Pachca's event history: intake without a public address, and of missed webhooks.

Events go through the same inbox as webhooks, so an event that arrives both ways is handled once.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from bots.framework.api import Api, ApiError, ApiResponse, NoAnswer, Transformer
from bots.framework.transformers import auto_retry, throttle
from bots.intake import inbox
from bots.models import Bot
from bots.models.jobs import State
from bots.runtime import outages
from core.backoff import Backoff
from jobs.doorbell import ring

logger = logging.getLogger(__name__)

MAX_DELETIONS = 3  # before what is new is read again
PAGE = 50
MOST_PAGES = 400
# Tolerance for differences between clocks and in the order of rows.
MARGIN = timedelta(minutes=10)
IDLE = 1.0
LONGEST_PAUSE = 30.0
ATTEMPTS, FIRST_PAUSE = 3, 1.0
# Number of bots whose histories are read concurrently.
MAX_BACKFILLS = 10
# Temporary client errors: request time-out, too early, too many requests.
TRANSIENT = (408, 425, 429)


class NoHistory(Exception):
    """The event history cannot be read."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class HistoryUnavailable(Exception):
    """The event history is temporarily unavailable: Pachca or the network is down."""


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
    """The event history of one bot, throttled to Pachca's limits.

    Calls that fail temporarily are attempted ATTEMPTS times.
    """

    def __init__(self, bot: Bot, limit: Transformer | None = None) -> None:
        self.bot = bot
        self._api = Api(bot.token, bot.api_url)
        retry = auto_retry(ATTEMPTS, LONGEST_PAUSE, first_pause=FIRST_PAUSE)
        self._api.use(limit or throttle(bot.token), retry)

    async def newer_than(self, is_known: Callable[[Event], bool]) -> list[Event]:
        """Return unknown events, oldest first.

        Pages are newest first and read up to the first one with a known event. Raises NoHistory and
        HistoryUnavailable.
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
        """Delete the event from the history; it may have been deleted already.

        Raises NoHistory and HistoryUnavailable.
        """
        await self._call("delete_webhook_event", {"id": event_id}, fine=404)

    async def _page(self, query: dict[str, Any]) -> tuple[list[Event], str | None]:
        response = await self._call("get_webhook_events", query)
        try:
            page = [Event.read(raw) for raw in response.body["data"]]
            pages = response.body.get("meta", {}).get("paginate", {})
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise HistoryUnavailable(f"The page cannot be read: {error!r}") from error
        more = pages.get("has_next", len(page) == PAGE) and page
        return page, pages.get("next_page") if more else None

    async def _call(
        self, method: str, payload: dict[str, Any], fine: int | None = None
    ) -> ApiResponse:
        """Make a call; `fine` is an error status to ignore."""
        try:
            response = await self._api.call(method, payload)
        except NoAnswer as error:
            raise HistoryUnavailable(str(error)) from error
        if response.ok or response.status == fine:
            return response
        reason = str(ApiError(method, response))
        if response.status in TRANSIENT or response.status >= 500:
            raise HistoryUnavailable(reason)
        raise NoHistory(reason, response.status)


def store(bot: Bot, events: list[Event]) -> int:
    """Store the events in this order and return the number of new ones."""
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
    """Store events that the webhook has missed since the last run. Return their number.

    Events older than BOTS_BACKFILL_HOURS or the bot itself are ignored. Raises as History.
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
    """Back-fill all bots that are on, MAX_BACKFILLS concurrently.

    A slow or failing bot does not affect others. Outages of Pachca are recorded in the row of the
    bot and logged when they begin and end. Unexpected exceptions are raised at the end.
    """
    limit = asyncio.Semaphore(MAX_BACKFILLS)
    bots = [bot async for bot in Bot.objects.on().exclude(token="")]
    results = await asyncio.gather(*(_backfill(it, limit) for it in bots), return_exceptions=True)
    for error in filter(None, results):
        raise error


async def _backfill(bot: Bot, limit: asyncio.Semaphore) -> None:
    async with limit:
        try:
            missed = await backfill(bot)
        except NoHistory as error:
            # The history may be off, or the token may not read it.
            logger.info("The history of %s cannot be read: %s", bot.slug, error)
            if error.status == 401:
                await sync_to_async(outages.report_outage)(bot, str(error))
            else:
                await sync_to_async(outages.report_contact)(bot)
        except HistoryUnavailable as error:
            await sync_to_async(outages.report_outage)(bot, str(error))
        else:
            await sync_to_async(outages.report_contact)(bot)
            if missed:
                logger.warning("The webhook of %s has missed %s updates.", bot.slug, missed)


class Poller:
    """Polls the history of a bot and deletes stored events from it."""

    def __init__(self, history: History, say: Callable[[str], None], idle: float = IDLE) -> None:
        self.history = history
        self._say = say
        self._idle = idle
        # Ids of stored events to delete.
        self._stored: deque[str] = deque()

    async def run(self) -> None:
        """Poll forever. Raises NoHistory if the history cannot be read.

        While Pachca or the database is down, retries with exponential backoff.
        """
        backoff, failures = Backoff(self._idle, cap=LONGEST_PAUSE), 0
        while True:
            try:
                await self.round()
                failures = 0
            except (HistoryUnavailable, OperationalError) as error:
                failures += 1
                pause = backoff.delay(failures)
                self._say(f"Nothing can be fetched now ({error}); trying again in {pause:g} s.")
                await asyncio.sleep(pause)
            if not self._stored:
                await asyncio.sleep(self._idle)

    async def round(self) -> int:
        """Store new events, then delete some stored ones. Return the number of new events."""
        known = frozenset(self._stored)
        events = await self.history.newer_than(lambda event: event.id in known)
        bot = self.history.bot
        new = await sync_to_async(store)(bot, events) if events else 0
        self._stored += [event.id for event in events]
        if new:
            self._say(f"{new} new")
        # Deleting a long history must not delay new events.
        for _ in range(min(len(self._stored), MAX_DELETIONS)):
            await self.history.delete(self._stored[0])
            self._stored.popleft()
        return new

    @property
    def is_through(self) -> bool:
        return not self._stored
