"""The subscription of a process to Redis, which is restored after any failure."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from itertools import count

from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from core.backoff import Backoff
from core.redis import async_options
from realtime.connections.tasks import cancel, propagate_cancellation

MESSAGES_AT_ONCE = 16
BACKOFF = Backoff(first=0.08, cap=4.0, jitter=0.25)
STABLE_AFTER = 10.0
"""Seconds without a failure after which the next one is retried without a long pause."""

logger = logging.getLogger(__name__)


class Subscription:
    """Calls `on_message(channel, text)` for every message on the subscribed channels.

    Connects for the first channel and disconnects after the last one. In between, any failure (of
    Redis, of the network, or an exception in a callback) leads to a new connection after a pause
    that grows. All channels are subscribed again, and `on_gap(channel)` is called for each channel
    whose messages may have been missed.
    """

    def __init__(
        self,
        url: str,
        on_message: Callable[[str, str], None],
        on_gap: Callable[[str], None],
    ) -> None:
        self._on_message = on_message
        self._on_gap = on_gap
        # A subscription may be silent for any time; connecting has the usual time-out.
        options = async_options(url) | {"socket_timeout": None, "decode_responses": True}
        self._pool = ConnectionPool.from_url(url, **options)
        self._active: dict[str, asyncio.Event] = {}
        self._with_gap: set[str] = set()
        self._unconfirmed: Counter[str] = Counter()
        self._commands: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._failures = 0
        self._crashes = 0
        self._interrupted_at: float | None = None
        self._task: asyncio.Task[None] | None = None
        self.restarts = 0
        """The number of new connections due to unexpected exceptions."""

    @property
    def interrupted_for(self) -> float:
        """For how many seconds a requested channel has not been subscribed; 0 if all are."""
        if self._interrupted_at is None or not self._active:
            return 0.0
        return time.monotonic() - self._interrupted_at

    def request(self, channel: str) -> asyncio.Event:
        """Start to subscribe; return an event that is set while messages are received."""
        if channel not in self._active:
            self._active[channel] = asyncio.Event()
            self._send_subscribe(channel)
        if self._task is None:
            self._interrupted_at = time.monotonic()
            self._task = asyncio.create_task(self._run())
        return self._active[channel]

    async def subscribe(self, channel: str) -> None:
        """Return when messages on `channel` are received, or it has been unsubscribed again."""
        await self.request(channel).wait()

    async def unsubscribe(self, channel: str) -> None:
        """Remove a channel; after the last one, return when the connection has been closed."""
        active = self._active.pop(channel, None)
        if active is None:
            return
        active.set()
        self._with_gap.discard(channel)
        if self._active:
            self._commands.put_nowait(("UNSUBSCRIBE", channel))
        elif self._task is not None:
            task, self._task = self._task, None
            await cancel(task)

    def _send_subscribe(self, channel: str) -> None:
        self._unconfirmed[channel] += 1
        self._commands.put_nowait(("SUBSCRIBE", channel))

    async def _run(self) -> None:
        """Connect and receive, again after each failure, until cancelled."""
        while True:
            started = time.monotonic()
            try:
                await self._serve_connection()
            except* (RedisError, OSError) as failures:
                if not self._failures:
                    logger.error("Events are not received: %s", failures.exceptions[0])
                self._failures += 1
                pause = BACKOFF.delay(self._failures)
            except* Exception:
                if time.monotonic() - started > STABLE_AFTER:
                    self._crashes = 0
                self._crashes += 1
                self.restarts += 1
                logger.exception("The subscription to Redis failed; it is restarted")
                pause = BACKOFF.delay(self._crashes)
            self._interrupted_at = self._interrupted_at or time.monotonic()
            await asyncio.sleep(pause)

    async def _serve_connection(self) -> None:
        connection: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            with propagate_cancellation():
                await connection.connect()  # type: ignore[no-untyped-call]
            if self._failures:
                logger.info("Events are received again.")
            self._failures = 0
            self._resubscribe()
            async with asyncio.TaskGroup() as both:
                both.create_task(self._send_commands(connection, self._commands))
                both.create_task(self._receive(connection))
        finally:
            await connection.disconnect()

    def _resubscribe(self) -> None:
        """Discard the commands for the last connection; subscribe to every channel again."""
        self._commands = asyncio.Queue()
        self._unconfirmed.clear()
        for channel, active in self._active.items():
            if active.is_set():
                self._with_gap.add(channel)
            active.clear()
            self._send_subscribe(channel)

    async def _send_commands(
        self, connection: AbstractConnection, commands: "asyncio.Queue[tuple[str, str]]"
    ) -> None:
        while True:
            await connection.send_command(*await commands.get())

    async def _receive(self, connection: AbstractConnection) -> None:
        for number in count(1):
            kind, channel, content = await connection.read_response()
            if kind == "message":
                self._on_message(channel, content)
                # Many messages at once must not keep the connections from being flushed. A few
                # are flushed together.
                if number % MESSAGES_AT_ONCE == 0:
                    await asyncio.sleep(0)
            elif kind == "subscribe":
                self._confirm(channel)

    def _confirm(self, channel: str) -> None:
        # A channel that was removed and added again is active from its last confirmation on.
        self._unconfirmed[channel] -= 1
        if channel in self._active and not self._unconfirmed[channel]:
            self._active[channel].set()
            if all(each.is_set() for each in self._active.values()):
                self._interrupted_at = None
            if channel in self._with_gap:
                self._with_gap.remove(channel)
                self._on_gap(channel)
