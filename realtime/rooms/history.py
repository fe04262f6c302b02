"""The history of a room, a Redis stream from which clients catch up after an interruption.

An event's offset is its id in the stream. It is in the headers of the event's frame, so a client
that names the last offset it received is sent the events after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime.rooms.publication import Publication
from realtime.wire.envelope import encode
from realtime.wire.keys import history_key, room_channel
from realtime.wire.offsets import UNKNOWN, Offset, Position, is_offset, parse, text_of

MAX_LENGTH = 500  # events
TTL = 3_600_000  # milliseconds after the last event, or the last join
PAGE_SIZE = 1024 * 1024  # bytes
NO_EVENT = "0-0"
"""An offset that no event has."""

# A frame is stored in two parts, the text before its offset and this text after it.
END = '"}}'

PUBLISH = """
local stream, channel = KEYS[1], KEYS[2]
local head, ending, token, longest, life, is_repeated, about, retracts = unpack(ARGV)
if retracts ~= '' then
    for _, entry in ipairs(redis.call('XRANGE', stream, '-', '+')) do
        local subjects = entry[2][6]
        if subjects and string.find(subjects, retracts, 1, true) then
            redis.call('XDEL', stream, entry[1])
        end
    end
end
if is_repeated == '1' then
    for _, entry in ipairs(redis.call('XREVRANGE', stream, '+', '-', 'COUNT', longest)) do
        if entry[2][4] == token then return entry[1] end
    end
end
local id = redis.call(
    'XADD', stream, 'MAXLEN', '=', longest, '*', 'head', head, 'token', token, 'about', about)
redis.call('PEXPIRE', stream, life)
redis.call('PUBLISH', channel, id .. '\\n' .. head .. id .. ending)
return id
"""
"""Stores an event and publishes it in one step, so members receive events in the order stored.

Repeated after an attempt of unknown outcome, it does nothing if the event is stored already.
An event that retracts a subject first deletes the events about it. A client whose last offset was
one of those has to fetch the state anew.
"""

CATCH_UP = """
local stream, since, most, life = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3]
local newest = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
local last = newest and newest[1] or redis.call('XADD', stream, '*', 'start', '')
redis.call('PEXPIRE', stream, life)
if since == '' then return {last, 1, 1, {}} end
if #redis.call('XRANGE', stream, since, since) == 0 then return {last, 0, 1, {}} end
local page, size, entries = {}, 0
repeat
    entries = redis.call('XRANGE', stream, '(' .. since, '+', 'COUNT', 16)
    for _, entry in ipairs(entries) do
        size = size + #entry[2][2]
        if size > most and #page > 0 then return {last, 1, 0, page} end
        page[#page + 1] = entry
        since = entry[1]
    end
until #entries == 0
return {last, 1, 1, page}
"""
"""Reads the events after an offset: at least one, and as many as fit into `most` bytes.

The history is complete only if the event at the offset itself is still stored. So an empty room
gets an entry without an event, whose offset its first member starts from.
"""


@dataclass(frozen=True, slots=True)
class Page:
    """Events after an offset, as (offset, frame). Unless it `is_last`, more follow after `end`."""

    position: Position
    missed: list[tuple[Offset, str]]
    is_last: bool = True

    @property
    def end(self) -> str:
        return text_of(self.missed[-1][0])


class History:
    """Reads the histories of rooms, for all connections of a process."""

    def __init__(self, client: Redis, url: str) -> None:
        self._url = url
        self._catch_up = client.register_script(CATCH_UP)

    async def since(self, room: str, offset: str) -> tuple[Position, list[tuple[Offset, str]]]:
        """Return the newest position of a room, and all events after `offset` if one is given."""
        frames: list[tuple[Offset, str]] = []
        while True:
            page = await self.page(room, offset, PAGE_SIZE)
            frames += page.missed
            if page.is_last:
                return page.position, frames if page.position.is_complete else []
            offset = page.end

    async def page(self, room: str, offset: str, size: int) -> Page:
        """Return the newest position of a room, and events after `offset` of about `size` bytes.

        A stream that cannot be read, such as one with entries of another origin, counts as lost.
        """
        if offset and not is_offset(offset):
            offset = NO_EVENT
        try:
            last, is_complete, is_last, missed = await self._catch_up(
                keys=[history_key(room, self._url)], args=[offset, size, TTL]
            )
            frames = [(parse(id), f"{fields[1]}{id}{END}") for id, fields in missed]
        except (RedisError, OSError, ValueError):
            return Page(UNKNOWN, [])
        return Page(Position(last, bool(is_complete)), frames, bool(is_last))


def publish_arguments(publication: Publication, is_repeated: bool) -> dict[str, Any]:
    """Return the arguments of the script PUBLISH."""
    url, max_length = settings.REDIS_URL, getattr(settings, "REALTIME_HISTORY", MAX_LENGTH)
    return {
        "keys": [history_key(publication.room, url), room_channel(publication.room, url)],
        "args": [
            *(head_of(publication.frame), END, publication.token),
            *(max_length, TTL, int(is_repeated), publication.about, publication.retracts),
        ],
    }


def head_of(frame: str) -> str:
    """Return the part of a frame with headers that precedes its offset."""
    return f'{frame.removesuffix("}}")},"offset":"'


def subject_list(subjects: Iterable[str]) -> str:
    """Return subjects as the history stores them, each between spaces."""
    return "".join(f" {subject} " for subject in subjects)


def refetch_frame(room: str) -> str:
    """Return the event by which a client learns that it missed events that are lost."""
    return encode("system.refetch", {"room": room})
