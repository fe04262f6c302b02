"""Supervision of a process's connections: control messages, slow clients, revoked credentials."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Coroutine, Iterable
from itertools import count
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime.connections.connection import WebSocketConnection
from realtime.connections.identity import UNAUTHORIZED, Credential
from realtime.connections.report import ProcessState, process_report
from realtime.connections.tasks import cancel, propagate_cancellation
from realtime.wire.envelope import encode

CHECK_EVERY = 1.0  # seconds
SAMPLE_EVERY = 5
"""The rates are sampled at every fifth check."""
REVALIDATE_EVERY = 60.0  # seconds
REVALIDATION_DELAY = 1.0  # seconds
REPLY_TTL = 10  # seconds
CLOSED_BY_STAFF = 4403

logger = logging.getLogger(__name__)


class ConnectionSupervisor:
    """Executes control messages of other processes and checks all connections periodically.

    A connection is closed if its client does not read, or if its session or API key is no longer
    valid.
    """

    def __init__(self, state: ProcessState, client: Redis) -> None:
        self._state = state
        self._client = client
        self._checks: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._procedures: dict[str, Callable[[dict[str, Any]], Any]] = {
            "report": self._report,
            "close": self._close,
            "tell": self._send,
            "look_again": self._revalidate_person,
        }

    def start(self) -> None:
        self._checks = asyncio.create_task(self._check_periodically())

    async def stop(self) -> None:
        """Cancel whatever is in progress; return when it has ended."""
        tasks = [task for task in (self._checks, *self._tasks) if task is not None]
        self._checks = None
        await cancel(*tasks)

    def execute(self, message: str) -> None:
        """Execute a control message (see `operations.control`); a reply is sent asynchronously.

        Unknown messages are ignored: processes of another version may send them.
        """
        try:
            call = json.loads(message)
            procedure = self._procedures.get(call["name"])
            if procedure is None:
                return
            result = procedure(call)
        except (ValueError, TypeError, LookupError):
            logger.warning("A control message of another process is malformed", exc_info=True)
            return
        if "answers" in call:
            self._start(self._reply(call["answers"], result))

    def _report(self, call: dict[str, Any]) -> dict[str, Any]:
        return process_report(self._state, call["search"], call["most"])

    def _close(self, call: dict[str, Any]) -> bool:
        connection = self._find(call["connection"])
        if connection is not None:
            connection.end(CLOSED_BY_STAFF, "Closed by an administrator.")
        return connection is not None

    def _send(self, call: dict[str, Any]) -> bool:
        connection = self._find(call["connection"])
        if connection is not None:
            connection.write(encode(call["event"], call["payload"]))
        return connection is not None

    def _revalidate_person(self, call: dict[str, Any]) -> None:
        self._start(self._revalidate_soon(call["person"]))

    def _find(self, id: str) -> WebSocketConnection | None:
        return next((each for each in self._state.connections if each.id == id), None)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reply(self, key: str, result: Any) -> None:
        try:
            async with self._client.pipeline() as pipeline:
                pipeline.rpush(key, json.dumps(result))
                pipeline.expire(key, REPLY_TTL)
                await pipeline.execute()
        except (RedisError, OSError) as error:
            logger.warning("The reply to a control message could not be sent: %s", error)

    async def _check_periodically(self) -> None:
        interval = _revalidation_interval()
        revalidate_at = time.monotonic() + interval
        for number in count():
            if number % SAMPLE_EVERY == 0:
                self._state.statistics.sample(self._state.connections)
            for connection in tuple(self._state.connections):
                connection.check_reader()
            if time.monotonic() >= revalidate_at:
                with propagate_cancellation():
                    await self._revalidate(tuple(self._state.connections))
                revalidate_at = time.monotonic() + interval
            await asyncio.sleep(min(CHECK_EVERY, interval))

    async def _revalidate_soon(self, person: str) -> None:
        # The signal of a sign-out is sent before the session ends.
        await asyncio.sleep(REVALIDATION_DELAY)
        await self._revalidate([it for it in self._state.connections if str(it.user.pk) == person])

    async def _revalidate(self, connections: Iterable[WebSocketConnection]) -> None:
        """Close connections whose credential is no longer valid; check each credential once."""
        by_credential: dict[Credential, list[WebSocketConnection]] = {}
        for connection in connections:
            if connection.credential is not None:
                by_credential.setdefault(connection.credential, []).append(connection)
        for credential, authenticated in by_credential.items():
            try:
                user = await credential.find_user()
            except DatabaseError as error:
                logger.warning("Sessions and API keys could not be revalidated: %s", error)
                return
            for connection in authenticated:
                if user is None or user.pk != connection.user.pk:
                    connection.end(UNAUTHORIZED, "The session or api-key is no longer valid.")


def _revalidation_interval() -> float:
    former: float = getattr(settings, "REALTIME_LOOK_EVERY", REVALIDATE_EVERY)
    return float(getattr(settings, "REALTIME_REVALIDATE_EVERY", former))
