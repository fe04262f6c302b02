"""How rooms are named in Redis, and how connections to it find out that it is gone."""

import socket
import sys
from functools import lru_cache
from typing import Any

from redis.asyncio.connection import parse_url

PLACELESS, LOSSY = "", "~"
"""Where others have their place in history: what has none, and what may be skipped besides."""


def channel_of(room: str, url: str) -> str:
    """Return the broker's name of a room: Redis's channels ignore the database number, ours not."""
    return f"{prefix_of(url)}{room}"


def room_of(channel: str) -> str:
    return channel.split(":", 2)[2]


def stream_of(room: str, url: str) -> str:
    return f"history:{channel_of(room, url)}"


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
def prefix_of(url: str) -> str:
    return f"svyaz:{parse_url(url).get('db', 0)}:"
