"""The way out of a process: frames go to the broker, which tells every process with listeners."""

from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from redis import Redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from realtime.backlog import Backlog, Parcel
from realtime.broker import LOSSY, channel_of, keepalive_options
from realtime.history import EMIT, emit_arguments
from realtime.outage import Outage

ANSWER_WITHIN = 0.25


class Bus(Protocol):
    @property
    def is_behind(self) -> bool:
        """Whether something that was sent has not left yet; it is lost with this process."""

    def send(self, room: str, frame: str, *, is_lossy: bool = False) -> None:
        """Hand a frame to every listener of a room, and never raise."""


@lru_cache(maxsize=8)
def bus() -> Bus:
    """Return the bus of this process, which settings.REALTIME_BUS may replace."""
    made: Bus = import_string(getattr(settings, "REALTIME_BUS", "realtime.bus.RedisBus"))()
    return made


class RedisBus:
    """Publishes through Redis, on connections kept open for the next time.

    The sender waits for Redis a moment at most, and only once: while Redis is away, what is sent
    waits in this process and leaves in order when Redis is back. What is lossy is lost then.
    """

    def __init__(self) -> None:
        self._clients: dict[str, tuple[Redis, Script]] = {}
        self._outage = Outage("events wait")
        self._backlog = Backlog(self._send_late, self._outage.wait)

    @property
    def is_behind(self) -> bool:
        return self._backlog.is_open

    def send(self, room: str, frame: str, *, is_lossy: bool = False) -> None:
        parcel = Parcel(room, frame, LOSSY if is_lossy else None)
        if self._backlog.take_over(parcel):
            return
        try:
            self._send(parcel)
        except (RedisError, OSError) as error:
            self._outage.failed(error)
            if not is_lossy:
                self._backlog.open_with(parcel)
        else:
            self._outage.ended()

    def _send_late(self, parcel: Parcel) -> bool:
        """Return whether a parcel from the backlog is done with."""
        try:
            self._send(parcel, is_repeated=True)
        except ResponseError:
            self._backlog.lose(parcel)  # it would be refused again
        except (RedisError, OSError) as error:
            self._outage.failed(error)
            return False
        self._outage.ended()
        return True

    def _send(self, parcel: Parcel, *, is_repeated: bool = False) -> None:
        client, emit = self._client()
        if parcel.mark is None:
            emit(**emit_arguments(parcel.room, parcel.frame, parcel.token, is_repeated))
        else:
            channel = channel_of(parcel.room, settings.REDIS_URL)
            client.publish(channel, f"{parcel.mark}\n{parcel.frame}")

    def _client(self) -> tuple[Redis, Script]:
        url = settings.REDIS_URL
        if url not in self._clients:
            client = Redis.from_url(
                url,
                socket_timeout=ANSWER_WITHIN,
                socket_connect_timeout=ANSWER_WITHIN,
                retry=Retry(NoBackoff(), 0),
                **keepalive_options(url),
            )
            self._clients[url] = client, client.register_script(EMIT)
        return self._clients[url]
