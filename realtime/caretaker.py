"""What a process does for all its connections beside telling them events.

It obeys the orders of others, and looks from time to time whether those who were let in still may
be here: a session ends, a key is revoked, somebody is dismissed.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import Error as DatabaseError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime.connection import WebSocketConnection
from realtime.envelope import encode
from realtime.identity import UNAUTHORIZED, Proof
from realtime.orders import KEPT
from realtime.report import report_of

if TYPE_CHECKING:
    from realtime.hub import Hub

SAMPLE_EVERY = 5.0
LOOK_EVERY = 60.0
SETTLED_AFTER = 1.0
DISMISSED = 4403

logger = logging.getLogger(__name__)


class Caretaker:
    def __init__(self, hub: "Hub", client: Redis) -> None:
        self._hub = hub
        self._client = client
        self._rounds: asyncio.Task[None] | None = None
        self._errands: set[asyncio.Task[None]] = set()
        self._known: dict[str, Callable[[dict[str, Any]], Any]] = {
            "report": self._report,
            "close": self._close,
            "tell": self._tell,
            "look_again": self._look_again,
        }

    def start(self, getting_ready: Coroutine[Any, Any, None]) -> None:
        self._rounds = asyncio.create_task(self._go_round())
        self._run(getting_ready)

    async def stop(self) -> None:
        tasks = [task for task in (self._rounds, *self._errands) if task is not None]
        self._rounds = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def obey(self, message: str) -> None:
        """Do what was ordered; what the order names is done at once, an answer follows."""
        order = json.loads(message)
        obey = self._known.get(order["name"])
        if obey is None:
            return  # processes of another version may know more
        answer = obey(order)
        if "answers" in order:
            self._run(self._answer(order["answers"], answer))

    def _report(self, order: dict[str, Any]) -> dict[str, Any]:
        return report_of(self._hub, order["search"], order["most"])

    def _close(self, order: dict[str, Any]) -> bool:
        found = self._connection(order["connection"])
        if found is not None:
            found.end(DISMISSED)
        return found is not None

    def _tell(self, order: dict[str, Any]) -> bool:
        found = self._connection(order["connection"])
        if found is not None:
            found.write(encode(order["event"], order["payload"]))
        return found is not None

    def _look_again(self, order: dict[str, Any]) -> None:
        self._run(self._look_soon(order["person"]))

    def _connection(self, id: str) -> WebSocketConnection | None:
        return next((each for each in self._hub.connections if each.id == id), None)

    def _run(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _answer(self, answers: str, answer: Any) -> None:
        try:
            async with self._client.pipeline() as pipeline:
                pipeline.rpush(answers, json.dumps(answer))
                pipeline.expire(answers, KEPT)
                await pipeline.execute()
        except (RedisError, OSError) as error:
            logger.warning("An order could not be answered: %s", error)

    async def _go_round(self) -> None:
        every = getattr(settings, "REALTIME_LOOK_EVERY", LOOK_EVERY)
        look_at = time.monotonic() + every
        while True:
            self._hub.meter.sample(self._hub.connections)
            if time.monotonic() >= look_at:
                await self._look_at(tuple(self._hub.connections))
                look_at = time.monotonic() + every
            await asyncio.sleep(min(SAMPLE_EVERY, every))

    async def _look_soon(self, person: str) -> None:
        # Signing out is told before it is done.
        await asyncio.sleep(SETTLED_AFTER)
        await self._look_at([it for it in self._hub.connections if str(it.user.pk) == person])

    async def _look_at(self, connections: Iterable[WebSocketConnection]) -> None:
        """Close those whose proof is good no more; one look for each proof."""
        by_proof: dict[Proof, list[WebSocketConnection]] = {}
        for connection in connections:
            if connection.proof is not None:
                by_proof.setdefault(connection.proof, []).append(connection)
        for proof, shown in by_proof.items():
            try:
                person = await proof.person()
            except DatabaseError as error:
                logger.warning("Whoever is connected could not be looked up: %s", error)
                return
            for connection in shown:
                if person is None or person.pk != connection.user.pk:
                    connection.end(UNAUTHORIZED)
