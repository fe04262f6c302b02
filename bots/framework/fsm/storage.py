"""Storage of conversations; BOTS_FSM_STORAGE selects the class."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from core import redis


class Key(NamedTuple):
    """The key of a conversation: the bot's primary key and a name such as "user:12"."""

    bot_id: int
    name: str


@dataclass
class Record:
    """A stored conversation; `version` is 0 if it has not been stored yet."""

    state: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None
    version: int = 0
    is_changed: bool = False

    @property
    def has_expired(self) -> bool:
        """Whether the record has expired and must be treated as empty."""
        return self.expires_at is not None and self.expires_at <= timezone.now()


class Overtaken(Exception):
    """Another update has changed the conversation concurrently. This one is handled again."""


class Storage(Protocol):
    """The interface of storages. `save` is called in the transaction that completes the update."""

    def load(self, key: Key) -> Record:
        """Return the stored record, or an empty one."""

    def save(self, key: Key, record: Record) -> None:
        """Store the record. Raises Overtaken if another update has changed it."""


# Store the new record if the version is still the loaded one.
_SAVE = """
local stored = redis.call("GET", KEYS[1])
local version = stored and cjson.decode(stored).version or 0
if version ~= tonumber(ARGV[1]) then return 0 end
redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
return 1
"""
_TTL = timedelta(days=90)


class RedisStorage:
    """Stores conversations in Redis: faster, and they expire after 90 days without a change.

    It is written just before the commit of the database. If an update fails between the two, it is
    handled again with the conversation already changed.
    """

    def load(self, key: Key) -> Record:
        """Return the stored record, or an empty one."""
        stored = redis.client(settings.REDIS_URL).get(_name(key))
        if stored is None:
            return Record()
        value = json.loads(stored)
        return Record(value["state"], value["data"], version=value["version"])

    def save(self, key: Key, record: Record) -> None:
        """Store the record. Raises Overtaken if another update has changed it."""
        ttl = _TTL if record.expires_at is None else record.expires_at - timezone.now()
        milliseconds = max(1, int(ttl.total_seconds() * 1000))
        value = {"state": record.state, "data": record.data, "version": record.version + 1}
        arguments = [record.version, json.dumps(value), milliseconds]
        if not redis.client(settings.REDIS_URL).eval(_SAVE, 1, _name(key), *arguments):
            raise Overtaken(Overtaken.__doc__)


def _name(key: Key) -> str:
    return redis.key("conversation", str(key.bot_id), key.name)


def storage() -> Storage:
    """Return the storage that BOTS_FSM_STORAGE selects."""
    return _storage(settings.BOTS_FSM_STORAGE)


@cache
def _storage(path: str) -> Storage:
    made: Storage = import_string(path)()
    return made
