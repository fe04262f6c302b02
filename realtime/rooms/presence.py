"""Presence: the people in a room, across processes.

`presence.joined` and `presence.left` are published once per person, however many connections they
have. Each process stores the set of people who are present through it, and a lease that it renews.
The process that renews its lease removes those whose leases have expired, so the people of a killed
process leave within seconds.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime.connections.tasks import cancel, propagate_cancellation
from realtime.wire.keys import key_for, room_channel

LEASE = 6.0  # seconds

FUNCTIONS = """
local function announce(event, channel, room, person)
    local payload = cjson.encode({room = room, person = person})
    redis.call(
        'PUBLISH', channel, '\\n{"eventName":"' .. event .. '","payload":' .. payload .. '}')
end

local function enter(own, people, channel, room, person)
    if redis.call('SADD', own, cjson.encode({people, channel, room, person})) == 1
        and redis.call('HINCRBY', people, person, 1) == 1 then
        announce('presence.joined', channel, room, person)
    end
end

local function leave(own, people, channel, room, person)
    if redis.call('SREM', own, cjson.encode({people, channel, room, person})) == 1
        and redis.call('HINCRBY', people, person, -1) <= 0 then
        redis.call('HDEL', people, person)
        announce('presence.left', channel, room, person)
    end
end
"""
ENTER = FUNCTIONS + "enter(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3])"
LEAVE = FUNCTIONS + "leave(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3])"
"""Both are idempotent: they do nothing if the process's own set already reflects the change."""

PEOPLE = "return redis.call('HKEYS', KEYS[1])"
RENEW = (
    FUNCTIONS
    + """
local leases, own, lease = KEYS[1], KEYS[2], tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', leases, now + lease, own)
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now)) do
    for _, entry in ipairs(redis.call('SMEMBERS', dead)) do
        leave(dead, unpack(cjson.decode(entry)))
    end
    redis.call('ZREM', leases, dead)
end
return redis.call('SCARD', own)
"""
)
"""Returns how many people are recorded as present through this process."""


class Presence:
    """The people who are present through one process.

    Changes that Redis could not record are repeated when the lease is renewed.
    """

    def __init__(self, client: Redis, url: str, lease: float = LEASE) -> None:
        self._url = url
        self._lease = lease
        self._own = key_for("process", str(uuid4()), url)
        self._present: Counter[tuple[str, str]] = Counter()
        self._unrecorded: set[tuple[str, str]] = set()
        self._lock = asyncio.Lock()
        self._renewal: asyncio.Task[None] | None = None
        self._enter = client.register_script(ENTER)
        self._leave = client.register_script(LEAVE)
        self._people = client.register_script(PEOPLE)
        self._renew = client.register_script(RENEW)

    def start(self) -> None:
        """Start to renew the lease; without it other processes take this one for dead."""
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew_periodically())

    async def stop(self) -> None:
        if self._renewal is not None:
            task, self._renewal = self._renewal, None
            await cancel(task)

    async def enter(self, room: str, person: str) -> None:
        """Record a connection of a person in a room."""
        self._present[room, person] += 1
        if self._present[room, person] == 1:
            await self._record([(room, person)])

    async def leave(self, room: str, person: str) -> None:
        """Remove a connection of a person from a room."""
        self._present[room, person] -= 1
        if self._present[room, person] <= 0:
            del self._present[room, person]
            await self._record([(room, person)])

    async def of(self, room: str) -> list[str]:
        """Return the ids of the people in a room; an empty list while Redis is unavailable."""
        try:
            people: list[str] = await self._people(keys=[self._people_key(room)])
        except (RedisError, OSError):
            return []
        return sorted(people)

    def _people_key(self, room: str) -> str:
        return key_for("present", room, self._url)

    async def _record(self, entries: Iterable[tuple[str, str]]) -> None:
        """Record in Redis whether each entry is present at the time of the call to Redis."""
        self._unrecorded.update(entries)
        async with self._lock:
            for room, person in tuple(self._unrecorded):
                change = self._enter if (room, person) in self._present else self._leave
                # Before the call, so that a change during the call adds the entry again.
                self._unrecorded.discard((room, person))
                try:
                    people, channel = self._people_key(room), room_channel(room, self._url)
                    await change(keys=[self._own, people], args=[channel, room, person])
                except (RedisError, OSError):
                    self._unrecorded.add((room, person))
                    return

    async def _renew_periodically(self) -> None:
        keys, args = [key_for("leases", "", self._url), self._own], [int(self._lease * 1000)]
        while True:
            with propagate_cancellation():
                try:
                    recorded = await self._renew(keys=keys, args=args)
                except (RedisError, OSError):
                    recorded = len(self._present)
                # If they differ, the lease had expired or Redis lost its data: record all again.
                await self._record(tuple(self._present) if recorded != len(self._present) else ())
            await asyncio.sleep(self._lease / 3)
