"""The bus of a process: it publishes through Redis to all processes with members of a room."""

from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from redis.exceptions import RedisError, ResponseError

from core.redis import client
from realtime.rooms.backlog import Backlog
from realtime.rooms.history import PUBLISH, publish_arguments
from realtime.rooms.publication import Publication
from realtime.wire.keys import LOSSY, room_channel


class Bus(Protocol):
    """What `publish` sends through; settings.REALTIME_BUS names the class."""

    @property
    def is_behind(self) -> bool:
        """Whether publications are queued in this process; they are lost if it ends."""

    def send(self, publication: Publication) -> None:
        """Send a publication to all members of its room. Never raises."""


@lru_cache(maxsize=8)
def bus() -> Bus:
    """Return the bus of this process."""
    made: Bus = import_string(getattr(settings, "REALTIME_BUS", "realtime.rooms.bus.RedisBus"))()
    return made


class RedisBus:
    """Publishes through Redis, on connections that are reused.

    The caller waits for Redis for a second at most, and only once: while Redis is unavailable,
    publications are queued in this process and sent in order afterwards. Lossy ones are dropped.
    """

    def __init__(self) -> None:
        self._url = settings.REDIS_URL
        self._backlog = Backlog(self._send_late)

    @property
    def is_behind(self) -> bool:
        return self._backlog.is_open

    def discard(self) -> None:
        """Drop everything that is queued for a Redis that will not come back."""
        self._backlog.discard()

    def send(self, publication: Publication) -> None:
        if self._backlog.queue_behind_others(publication):
            return
        try:
            self._send(publication)
        except (RedisError, OSError):
            if publication.mark != LOSSY:
                self._backlog.queue(publication)

    def _send_late(self, publication: Publication) -> bool:
        """Return whether a publication can be removed from the backlog."""
        try:
            self._send(publication, is_repeated=True)
        except ResponseError:
            self._backlog.record_loss(publication)  # it would be refused again
        except (RedisError, OSError):
            return False
        return True

    def _send(self, publication: Publication, *, is_repeated: bool = False) -> None:
        if publication.mark is None:
            _publish_script(self._url)(**publish_arguments(publication, is_repeated))
        else:
            channel = room_channel(publication.room, self._url)
            client(self._url).publish(channel, f"{publication.mark}\n{publication.frame}")


@lru_cache(maxsize=8)
def _publish_script(url: str) -> Any:
    return client(url).register_script(PUBLISH)
