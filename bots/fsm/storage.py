"""Where conversations are kept: in the database, or in Redis."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, Protocol

import redis
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from bots.models import Conversation


class Key(NamedTuple):
    bot_id: int
    name: str


@dataclass
class Record:
    """What is remembered; `version` is 0 for what is not stored yet."""

    state: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None
    version: int = 0
    is_changed: bool = False

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


class Overtaken(Exception):
    """Another update has changed the conversation meanwhile: this one is to be handled again."""


class Storage(Protocol):
    """Both methods are plain; `save` is called within the transaction that ends the update."""

    def load(self, key: Key) -> Record:
        """Return what is remembered, an empty record when nothing is."""

    def save(self, key: Key, record: Record) -> None:
        """Remember the record; raises Overtaken."""


class OrmStorage:
    """Keeps conversations in the database, in the very commit that ends the update."""

    def load(self, key: Key) -> Record:
        row = Conversation.objects.filter(bot_id=key.bot_id, key=key.name).first()
        if row is None:
            return Record()
        record = Record(row.state or None, row.data, row.expires_at, row.version)
        return Record(version=row.version) if record.has_expired else record

    def save(self, key: Key, record: Record) -> None:
        values = {"state": record.state or "", "data": record.data, "expires_at": record.expires_at}
        rows = Conversation.objects.filter(bot_id=key.bot_id, key=key.name)
        if record.version:
            newer = {**values, "version": record.version + 1, "changed_at": timezone.now()}
            is_saved = rows.filter(version=record.version).update(**newer) == 1
        else:
            _, is_saved = rows.get_or_create(bot_id=key.bot_id, key=key.name, defaults=values)
        if not is_saved:
            raise Overtaken(Overtaken.__doc__)


# Stores the new record if the version is still the one that was loaded.
_SAVE = """
local kept = redis.call("GET", KEYS[1])
local version = kept and cjson.decode(kept).version or 0
if version ~= tonumber(ARGV[1]) then return 0 end
redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
return 1
"""
_KEEP = timedelta(days=90)


class RedisStorage:
    """Keeps conversations in Redis: quicker, and forgotten after 90 days of silence.

    It is written just before the database's commit, not in it: an update that fails between the
    two is handled again with the conversation already changed.
    """

    def load(self, key: Key) -> Record:
        kept = _redis().get(_name(key))
        if kept is None:
            return Record()
        value = json.loads(kept)
        return Record(value["state"], value["data"], version=value["version"])

    def save(self, key: Key, record: Record) -> None:
        lives = _KEEP if record.expires_at is None else record.expires_at - timezone.now()
        milliseconds = max(1, int(lives.total_seconds() * 1000))
        value = {"state": record.state, "data": record.data, "version": record.version + 1}
        arguments = [record.version, json.dumps(value), milliseconds]
        if not _redis().eval(_SAVE, 1, _name(key), *arguments):
            raise Overtaken(Overtaken.__doc__)


def _name(key: Key) -> str:
    return f"svyaz:conversation:{key.bot_id}:{key.name}"


@cache
def _redis() -> Any:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5)


def storage() -> Storage:
    """Return the storage that the settings name."""
    return _storage(settings.BOTS_FSM_STORAGE)


@cache
def _storage(path: str) -> Storage:
    made: Storage = import_string(path)()
    return made
