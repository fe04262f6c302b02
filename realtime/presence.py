"""Who is in a room, across processes: coming and going is told once for each person.

Each process keeps a set of who is in which room by it, and a lease that it renews. Whoever renews
a lease buries the processes whose leases have run out. So a killed process leaves within seconds.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime.broker import channel_of, prefix_of

LEASE = 6.0

TELL = """
local function tell(event, channel, room, person)
    local payload = cjson.encode({room = room, person = person})
    redis.call('PUBLISH', channel, '\\n{"eventName":"' .. event .. '","payload":' .. payload
        .. ',"headers":{}}')
end

local function enter(own, channel, room, person)
    if redis.call('SADD', own, cjson.encode({channel, room, person})) == 1
        and redis.call('HINCRBY', 'present:' .. channel, person, 1) == 1 then
        tell('presence.joined', channel, room, person)
    end
end

local function go(own, channel, room, person)
    if redis.call('SREM', own, cjson.encode({channel, room, person})) == 1
        and redis.call('HINCRBY', 'present:' .. channel, person, -1) <= 0 then
        redis.call('HDEL', 'present:' .. channel, person)
        tell('presence.left', channel, room, person)
    end
end
"""
ENTER = TELL + "enter(KEYS[1], ARGV[1], ARGV[2], ARGV[3])"
GO = TELL + "go(KEYS[1], ARGV[1], ARGV[2], ARGV[3])"
"""Both may be repeated without harm: the process's own set knows what has been done."""

PEOPLE = "return redis.call('HKEYS', 'present:' .. KEYS[1])"
RENEW = (
    TELL
    + """
local leases, own, lease = KEYS[1], KEYS[2], tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local is_new = redis.call('ZADD', leases, now + lease, own)
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now)) do
    for _, entry in ipairs(redis.call('SMEMBERS', dead)) do
        go(dead, unpack(cjson.decode(entry)))
    end
    redis.call('ZREM', leases, dead)
end
return is_new
"""
)


class Presence:
    """The part of one process. What Redis could not be told is told at the next renewal."""

    def __init__(self, client: Redis, url: str, lease: float = LEASE) -> None:
        self._url = url
        self._lease = lease
        self._own = f"{prefix_of(url)}process:{uuid4()}"
        self._here: Counter[tuple[str, str]] = Counter()
        self._untold: set[tuple[str, str]] = set()
        self._one_at_a_time = asyncio.Lock()
        self._renewing: asyncio.Task[None] | None = None
        self._enter = client.register_script(ENTER)
        self._go = client.register_script(GO)
        self._people = client.register_script(PEOPLE)
        self._renew = client.register_script(RENEW)

    def start(self) -> None:
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._keep_renewing())

    async def stop(self) -> None:
        if self._renewing is not None:
            task, self._renewing = self._renewing, None
            task.cancel()
            await asyncio.wait({task})

    async def enter(self, room: str, person: str) -> None:
        self._here[room, person] += 1
        if self._here[room, person] == 1:
            await self._settle([(room, person)])

    async def go(self, room: str, person: str) -> None:
        self._here[room, person] -= 1
        if self._here[room, person] <= 0:
            del self._here[room, person]
            await self._settle([(room, person)])

    async def of(self, room: str) -> list[str]:
        """Return who is in a room; nobody while the broker is away."""
        try:
            people: list[str] = await self._people(keys=[channel_of(room, self._url)])
        except (RedisError, OSError):
            return []
        return sorted(people)

    async def _settle(self, entries: Iterable[tuple[str, str]]) -> None:
        """Tell Redis how things are now, whatever has changed on the way there."""
        self._untold.update(entries)
        async with self._one_at_a_time:
            for room, person in tuple(self._untold):
                change = self._enter if (room, person) in self._here else self._go
                # Before the call: whoever comes or goes during it puts the entry back.
                self._untold.discard((room, person))
                try:
                    channel = channel_of(room, self._url)
                    await change(keys=[self._own], args=[channel, room, person])
                except (RedisError, OSError):
                    self._untold.add((room, person))
                    return

    async def _keep_renewing(self) -> None:
        keys, args = [f"{prefix_of(self._url)}leases", self._own], [int(self._lease * 1000)]
        while True:
            try:
                is_new = await self._renew(keys=keys, args=args)
            except (RedisError, OSError):
                is_new = False
            # Ours had run out, or the broker has lost its memory: everybody enters again.
            await self._settle(tuple(self._here) if is_new else ())
            await asyncio.sleep(self._lease / 3)
