"""A process's one subscription to the broker: it survives the broker's absence."""

import asyncio
from collections import Counter
from collections.abc import Callable
from itertools import count

from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from realtime.broker import keepalive_options
from realtime.outage import Outage

CONNECT_WITHIN = 2.0
AT_ONCE = 16


class Subscription:
    """Calls `hear(channel, text)` for whatever is published to the channels that were added.

    Connects when the first channel is added and disconnects when the last one is dropped. In
    between it reconnects for ever and subscribes to everything again; `resume(channel)` is called
    for each channel that is heard again but was deaf a while.
    """

    def __init__(
        self, url: str, hear: Callable[[str, str], None], resume: Callable[[str], None]
    ) -> None:
        self._hear = hear
        self._resume = resume
        self._pool = ConnectionPool.from_url(
            url,
            decode_responses=True,
            socket_timeout=None,  # silence is no failure here
            socket_connect_timeout=CONNECT_WITHIN,
            **keepalive_options(url),
        )
        self._in_force: dict[str, asyncio.Event] = {}
        self._deaf: set[str] = set()
        self._unconfirmed: Counter[str] = Counter()
        self._orders: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._outage = Outage("events are not heard")
        self._task: asyncio.Task[None] | None = None

    async def add(self, channel: str) -> None:
        """Return when what is published to `channel` will be heard, or when it is dropped."""
        if channel not in self._in_force:
            self._in_force[channel] = asyncio.Event()
            self._subscribe(channel)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        await self._in_force[channel].wait()

    async def drop(self, channel: str) -> None:
        self._in_force.pop(channel).set()
        self._deaf.discard(channel)
        if self._in_force:
            self._orders.put_nowait(("UNSUBSCRIBE", channel))
        elif self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.wait({task})

    def _subscribe(self, channel: str) -> None:
        self._unconfirmed[channel] += 1
        self._orders.put_nowait(("SUBSCRIBE", channel))

    async def _run(self) -> None:
        while True:
            link: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]
            try:
                await link.connect()  # type: ignore[no-untyped-call]
                self._outage.ended()
                await self._converse(link)
            except* (RedisError, OSError) as failures:
                self._outage.failed(failures.exceptions[0])
            finally:
                await link.disconnect()
            await asyncio.sleep(self._outage.wait())

    async def _converse(self, link: AbstractConnection) -> None:
        self._start_over()
        async with asyncio.TaskGroup() as both:
            both.create_task(self._send_orders(link, self._orders))
            both.create_task(self._listen(link))

    def _start_over(self) -> None:
        """Forget what the last connection was told, and ask the new one for every channel."""
        self._orders = asyncio.Queue()
        self._unconfirmed.clear()
        for channel, in_force in self._in_force.items():
            if in_force.is_set():
                self._deaf.add(channel)
            in_force.clear()
            self._subscribe(channel)

    async def _send_orders(
        self, link: AbstractConnection, orders: "asyncio.Queue[tuple[str, str]]"
    ) -> None:
        while True:
            await link.send_command(*await orders.get())

    async def _listen(self, link: AbstractConnection) -> None:
        for number in count(1):
            kind, channel, content = await link.read_response()
            if kind == "message":
                self._hear(channel, content)
                # A flood here must not keep the sockets from being written; a few messages
                # at once are written together.
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)
            elif kind == "subscribe":
                self._confirm(channel)

    def _confirm(self, channel: str) -> None:
        # A channel dropped and added again is in force by its last confirmation, not by its first.
        self._unconfirmed[channel] -= 1
        if channel in self._in_force and not self._unconfirmed[channel]:
            self._in_force[channel].set()
            if channel in self._deaf:
                self._deaf.remove(channel)
                self._resume(channel)
