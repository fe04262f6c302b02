"""What was told in a room lately, kept by the broker: who was away a while catches up with it.

Each room has a stream. An event's place in it, its offset, is in the headers of its frame, so
whoever names the last offset heard is told what came after it.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime.broker import channel_of, stream_of
from realtime.envelope import encode

LONGEST = 500
LIFE = 3_600_000  # milliseconds after the last event, or the last join

Offset = tuple[int, int]
NOWHERE: Offset = (0, 0)

# The frame is kept up to where its offset stands: "head", then the offset, then the end.
END = '"}}'

EMIT = """
local stream, channel = KEYS[1], KEYS[2]
local head, ending, token, longest, life, is_repeated = unpack(ARGV)
if is_repeated == '1' then
    for _, entry in ipairs(redis.call('XREVRANGE', stream, '+', '-', 'COUNT', longest)) do
        if entry[2][4] == token then return entry[1] end
    end
end
local id = redis.call(
    'XADD', stream, 'MAXLEN', '~', longest, '*', 'head', head, 'token', token)
redis.call('PEXPIRE', stream, life)
redis.call('PUBLISH', channel, id .. '\\n' .. head .. id .. ending)
return id
"""
"""Keeps an event and tells it, in one step: the order kept is the order told.

Repeated after an attempt of unknown outcome, it does nothing if the event is there already.
"""

CATCH_UP = """
local stream, since, longest, life = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3]
local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
local last = newest and newest[1] or redis.call('XADD', stream, '*', 'start', '')
redis.call('PEXPIRE', stream, life)
if since == '' then return {last, 1, {}} end
if #redis.call('XRANGE', stream, since, since) == 0 then return {last, 0, {}} end
local missed = redis.call('XRANGE', stream, '(' .. since, '+', 'COUNT', longest + 1)
if #missed > longest then return {last, 0, {}} end
return {last, 1, missed}
"""
"""Reads what came after an offset, if everything that did is still there.

That is sure only while the offset itself is. So an empty room gets an entry that says nothing,
for its first listener to start from.
"""


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a room's history somebody stands who just joined.

    Unless it `is_complete`, events after the offset asked for were missed for good: fetch anew.
    """

    offset: str
    is_complete: bool = True

    @property
    def at(self) -> Offset:
        return parse(self.offset) if self.offset else NOWHERE

    def not_before(self, offset: Offset) -> "Position":
        """Return the position of somebody who has meanwhile been told all up to an offset."""
        return self if offset <= self.at else replace(self, offset=text_of(offset))


UNKNOWN = Position("", is_complete=False)


def parse(offset: str) -> Offset:
    milliseconds, number = offset.split("-")
    return int(milliseconds), int(number)


def text_of(offset: Offset) -> str:
    return "{}-{}".format(*offset)


def is_offset(text: object) -> bool:
    return isinstance(text, str) and bool(re.fullmatch(r"\d{1,19}-\d{1,19}", text, re.ASCII))


def head_of(frame: str) -> str:
    """Return a frame that has headers up to where its offset will stand."""
    return f'{frame.removesuffix("}}")},"offset":"'


def emit_arguments(room: str, frame: str, token: str, is_repeated: bool) -> dict[str, Any]:
    """Return what the script EMIT is called with."""
    url, longest = settings.REDIS_URL, getattr(settings, "REALTIME_HISTORY", LONGEST)
    return {
        "keys": [stream_of(room, url), channel_of(room, url)],
        "args": [head_of(frame), END, token, longest, LIFE, int(is_repeated)],
    }


class History:
    """Reads for a whole process."""

    def __init__(self, client: Redis, url: str) -> None:
        self._url = url
        self._catch_up = client.register_script(CATCH_UP)

    async def since(self, room: str, offset: str) -> tuple[Position, list[tuple[Offset, str]]]:
        """Return where the room is now, and the frames told after `offset`, if one is given."""
        longest = getattr(settings, "REALTIME_HISTORY", LONGEST)
        try:
            last, is_complete, missed = await self._catch_up(
                keys=[stream_of(room, self._url)], args=[offset, longest, LIFE]
            )
        except (RedisError, OSError):
            return UNKNOWN, []
        frames = [(parse(id), f"{fields[1]}{id}{END}") for id, fields in missed]
        return Position(last, bool(is_complete)), frames


def refetch_frame(room: str) -> str:
    """Return what tells a client that it missed something that cannot be told again."""
    return encode("system.refetch", {"room": room})
