"""Counting calls in sliding windows, over all processes by Redis, or in this one alone."""

import logging
import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PATIENCE = 0.5
RESTS_FOR = 5.0
MOST_LOCAL_WINDOWS = 10_000
PREFIX = "svyaz:bots:throttle"

# Each list holds the times of the latest calls, at most as many as the window allows: once there
# are that many, a further call has to wait until the oldest of them has left the window. All the
# windows are asked before any is told, so a call that has to wait takes nothing.
TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wait = 0
for i, key in ipairs(KEYS) do
  local oldest = redis.call('LINDEX', key, ARGV[2 * i - 1] - 1)
  if oldest then wait = math.max(wait, oldest + ARGV[2 * i] - now) end
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
  redis.call('LPUSH', key, now)
  redis.call('LTRIM', key, 0, ARGV[2 * i - 1] - 1)
  redis.call('PEXPIRE', key, ARGV[2 * i])
end
return 0
"""


@dataclass(frozen=True)
class Window:
    """At most `calls` calls in any `seconds` seconds."""

    name: str
    calls: int
    seconds: float

    @property
    def ms(self) -> int:
        return math.ceil(self.seconds * 1000)


class LocalLimiter:
    """Counts the calls of this process."""

    def __init__(self) -> None:
        self._times: dict[str, deque[float]] = {}

    def take(self, windows: Sequence[Window]) -> float:
        """Count a call and return 0, or return how many seconds it must wait to be counted."""
        now = time.monotonic()
        if len(self._times) > MOST_LOCAL_WINDOWS:
            self._times.clear()
        logs = [
            self._times.setdefault(window.name, deque(maxlen=window.calls)) for window in windows
        ]
        waits = [
            log[0] + window.seconds - now if len(log) == window.calls else 0.0
            for log, window in zip(logs, windows, strict=True)
        ]
        if (wait := max(waits, default=0.0)) > 0:
            return wait
        for log in logs:
            log.append(now)
        return 0.0


class SharedLimiter:
    """Counts the calls of all processes by Redis's clock; those of this one while Redis is away."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        redis = Redis.from_url(url, socket_timeout=patience, socket_connect_timeout=patience)
        self._script = redis.register_script(TAKE)
        self._local = LocalLimiter()
        self._rests_until = 0.0

    async def take(self, token: str, windows: Sequence[Window]) -> float:
        """Count a call of the token and return 0, or return the seconds it must wait."""
        if time.monotonic() >= self._rests_until:
            try:
                # In a thread: event loops come and go, and a connection is kept by the process.
                return await sync_to_async(self._take, thread_sensitive=False)(token, windows)
            except RedisError as error:
                self._rests_until = time.monotonic() + RESTS_FOR
                logger.warning("Calls are counted in each process alone for a while: %s", error)
        return self._local.take(
            [Window(f"{token}:{it.name}", it.calls, it.seconds) for it in windows]
        )

    def _take(self, token: str, windows: Sequence[Window]) -> float:
        # The braces keep the keys of one token together, where Redis is a cluster.
        keys = [f"{PREFIX}:{{{token}}}:{window.name}" for window in windows]
        limits = [number for window in windows for number in (window.calls, window.ms)]
        return int(self._script(keys=keys, args=limits)) / 1000


_limiters: dict[str, SharedLimiter] = {}


def limiter() -> SharedLimiter:
    """Return this process's limiter by the Redis of the settings."""
    url = settings.REDIS_URL
    if url not in _limiters:
        _limiters[url] = SharedLimiter(url)
    return _limiters[url]
