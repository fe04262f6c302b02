"""Limits on guessing secrets: some free attempts, then a wait that doubles with each further one.

Attempts are counted before the secret is checked, in one script, so attempts made at the same time
cannot exceed the limit. A refused attempt changes nothing: it does not extend the wait.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from core.redis import client, key

# Each key is a hash: `count` of attempts, and `until` when the next one is refused.
BEGIN = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wait = 0
for _, key in ipairs(KEYS) do
  local blocked = redis.call('HGET', key, 'until')
  if blocked then wait = math.max(wait, blocked - now) end
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
  local free, first, cap, memory = unpack(ARGV, 4 * i - 3, 4 * i)
  local over = redis.call('HINCRBY', key, 'count', 1) - free
  if over >= 0 then
    local pause = math.min(tonumber(cap), first * 2 ^ math.min(over, 40))
    redis.call('HSET', key, 'until', string.format('%d', now + pause))
  end
  redis.call('PEXPIRE', key, memory)
end
return 0
"""

REFUND = """
for _, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then
    if redis.call('HINCRBY', key, 'count', -1) <= 0 then
      redis.call('DEL', key)
    else
      redis.call('HDEL', key, 'until')
    end
  end
end
"""


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """`free` attempts, then a wait of `first` seconds that doubles up to `cap` seconds.

    The count is forgotten `memory` seconds after the last attempt.
    """

    name: str
    free: int
    first: float
    cap: float
    memory: float


@dataclass(frozen=True, slots=True)
class Counter:
    """What one limit counts: the attempts on one subject, such as an account or an address."""

    limit: AttemptLimit
    subject: str

    @property
    def key(self) -> str:
        """The key that the attempts are counted under."""
        # Hashed: a subject may be long and is typed by anybody. All keys of a script share a slot.
        digest = sha256(f"{self.limit.name}\0{self.subject}".encode()).hexdigest()
        return key("attempts", "{attempts}", digest)


class AttemptLimiter:
    """Counts by `redis`, a client of it. All methods raise RedisError."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._begin = redis.register_script(BEGIN)
        self._refund = redis.register_script(REFUND)

    def begin(self, counters: Sequence[Counter]) -> float:
        """Count an attempt and return 0, or return how many seconds it must wait.

        An attempt that one of the counters refuses is counted by none.
        """
        limits = [counter.limit for counter in counters]
        args = [
            round(number)
            for it in limits
            for number in (it.free, it.first * 1000, it.cap * 1000, it.memory * 1000)
        ]
        return int(self._begin(keys=[each.key for each in counters], args=args)) / 1000

    def refund(self, counters: Sequence[Counter]) -> None:
        """Take one attempt back: it turned out to be right."""
        if counters:
            self._refund(keys=[each.key for each in counters])

    def clear(self, counters: Sequence[Counter]) -> None:
        """Forget all attempts."""
        if counters:
            self._redis.delete(*[each.key for each in counters])


@lru_cache(maxsize=8)
def attempt_limiter(url: str) -> AttemptLimiter:
    """Return this process's limiter by the Redis at `url`."""
    return AttemptLimiter(client(url))
