"""Rate limits, counted in Redis across all processes.

`count` uses fixed windows, which cost O(1), for limits on incoming calls. `take` uses sliding
windows and returns how long to wait, for the limits of another server: no interval has more calls
than allowed, wherever the windows of that server begin.
"""

import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from asgiref.sync import sync_to_async
from redis.exceptions import RedisError

from core.redis import client, key

MAX_LOCAL_WINDOWS = 10_000
CLOCK_DIFFERENCE = 60  # seconds by which the clocks of two hosts may differ

# The first keys are counters, with their TTLs as arguments. Values of further keys are returned.
COUNT = """
local values = {}
for i, seconds in ipairs(ARGV) do
  values[i] = redis.call('INCR', KEYS[i])
  if values[i] == 1 then redis.call('EXPIRE', KEYS[i], seconds) end
end
for i = #ARGV + 1, #KEYS do values[i] = redis.call('GET', KEYS[i]) end
return values
"""

# Each list contains the times of the latest calls, at most as many as the window allows. If it is
# full, the next call waits until the oldest one has left the window. All windows are read before
# any is written, so a call that has to wait is not counted.
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


@dataclass(frozen=True, slots=True)
class Window:
    """At most `calls` calls in `seconds` seconds."""

    name: str
    calls: int
    seconds: float

    @property
    def ms(self) -> int:
        """The length in milliseconds, rounded up."""
        return math.ceil(self.seconds * 1000)


def seconds_left(window: Window) -> int:
    """Return in how many seconds the next fixed window begins."""
    return math.ceil(window.seconds - int(time.time()) % window.seconds)


class RateLimiter:
    """Rate limits counted in Redis through the client `redis`."""

    def __init__(self, redis: Any) -> None:
        self._count = redis.register_script(COUNT)
        self._take = redis.register_script(TAKE)
        self._local = LocalWindows()

    def count(
        self, subject: str, windows: Sequence[Window], also_read: Sequence[str] = ()
    ) -> list[Any]:
        """Count a call in fixed windows, all in one round trip.

        Return how many calls each window has now, and then the values of the keys `also_read`.
        Raises RedisError.
        """
        now = time.time()
        counters = [counter_key(subject, window, now) for window in windows]
        ttls = [math.ceil(it.seconds) + CLOCK_DIFFERENCE for it in windows]
        values: list[Any] = self._count(keys=[*counters, *also_read], args=ttls)
        return values

    async def take(self, subject: str, windows: Sequence[Window]) -> float:
        """Count a call in sliding windows and return 0, or return the seconds it must wait.

        While Redis is down, each process counts its own calls.
        """
        try:
            # In a thread: the client is shared by the process, event loops are not.
            return await sync_to_async(self._take_shared, thread_sensitive=False)(subject, windows)
        except RedisError:
            own = [Window(f"{subject}:{it.name}", it.calls, it.seconds) for it in windows]
            return self._local.take(own)

    def _take_shared(self, subject: str, windows: Sequence[Window]) -> float:
        keys = [_key(subject, window.name) for window in windows]
        limits = [number for window in windows for number in (window.calls, window.ms)]
        return int(self._take(keys=keys, args=limits)) / 1000


class LocalWindows:
    """Sliding windows of this process."""

    def __init__(self) -> None:
        self._times: dict[str, deque[float]] = {}

    def take(self, windows: Sequence[Window]) -> float:
        """Count a call and return 0, or return how many seconds it must wait to be counted."""
        now = time.monotonic()
        if len(self._times) > MAX_LOCAL_WINDOWS:
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


@lru_cache(maxsize=8)
def rate_limiter(url: str) -> RateLimiter:
    """Return the process's rate limiter that counts in the Redis at `url`."""
    return RateLimiter(client(url))


def counter_key(subject: str, window: Window, now: float) -> str:
    """Return the key of a fixed window."""
    return f"{_key(subject, window.name)}:{int(now // window.seconds)}"


def _key(subject: str, window: str) -> str:
    # The braces put all keys of a subject into one slot of a Redis cluster.
    return key("limit", f"{{{subject}}}", window)
