"""The way out of a process: frames go to the broker, which tells every process with listeners."""

import socket
import sys
import time
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from redis import Redis
from redis.asyncio.connection import parse_url
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from realtime.outage import Outage

ANSWER_WITHIN = 0.25


class Bus(Protocol):
    def send(self, room: str, frame: str) -> None:
        """Hand a frame to every listener of a room, and never raise."""


@lru_cache(maxsize=8)
def bus() -> Bus:
    """Return the bus of this process, which settings.REALTIME_BUS may replace."""
    made: Bus = import_string(getattr(settings, "REALTIME_BUS", "realtime.bus.RedisBus"))()
    return made


class RedisBus:
    """Publishes through Redis, on connections kept open for the next time.

    What is sent while Redis is away is lost, and costs the sender a moment at most: after an
    attempt that took long, sending is given up without trying for four times as long.
    """

    def __init__(self) -> None:
        self._clients: dict[str, Redis] = {}
        self._outage = Outage("events are not published")
        self._quiet_until = 0.0

    def send(self, room: str, frame: str) -> None:
        started = time.monotonic()
        if started < self._quiet_until:
            return
        try:
            self._client().publish(channel_of(room, settings.REDIS_URL), frame)
        except (RedisError, OSError) as error:
            now = time.monotonic()
            self._quiet_until = now + 4 * (now - started)
            self._outage.failed(error)
        else:
            self._outage.ended()

    def _client(self) -> Redis:
        url = settings.REDIS_URL
        if url not in self._clients:
            self._clients[url] = Redis.from_url(
                url,
                socket_timeout=ANSWER_WITHIN,
                socket_connect_timeout=ANSWER_WITHIN,
                # Once more, at once: a kept connection may have died unnoticed.
                retry=Retry(NoBackoff(), 1),
                **keepalive_options(url),
            )
        return self._clients[url]


def channel_of(room: str, url: str) -> str:
    """Return the broker's name of a room: Redis's channels ignore the database number, ours not."""
    return f"{_prefix(url)}{room}"


def room_of(channel: str) -> str:
    return channel.split(":", 2)[2]


def keepalive_options(url: str) -> dict[str, Any]:
    """Return what makes the kernel find out within half a minute that the other machine is gone."""
    if url.startswith("unix:"):
        return {}
    if sys.platform == "darwin":
        idle = socket.TCP_KEEPALIVE
    else:
        idle = socket.TCP_KEEPIDLE
    times = {idle: 15, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3}
    return {"socket_keepalive": True, "socket_keepalive_options": times}


@lru_cache(maxsize=8)
def _prefix(url: str) -> str:
    return f"svyaz:{parse_url(url).get('db', 0)}:"
