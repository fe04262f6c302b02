"""What every server process is asked by the others: to report, to tell, to close, to look again.

Orders go by a channel of their own, which is no room: no client can ever join it.
"""

import json
import os
import socket
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from realtime.broker import channel_of, keepalive_options, prefix_of

ANSWER_WITHIN = 1.0
KEPT = 10  # seconds
LOOK_EVERY = 0.01


def channel_of_orders(url: str) -> str:
    return f"orders:{prefix_of(url)}"


def whereabouts() -> str:
    """Say which process this is."""
    return f"{socket.gethostname()}:{os.getpid()}"


def order(name: str, **what: Any) -> int:
    """Let every process do something; return how many heard it.

    Raises RedisError while the broker is away.
    """
    url = settings.REDIS_URL
    return int(_client(url).publish(channel_of_orders(url), json.dumps({"name": name, **what})))


def ask(name: str, **what: Any) -> list[Any]:
    """Order something and return what the processes answer, without those that do not in time."""
    client, answers = _client(settings.REDIS_URL), f"answers:{uuid4()}"
    expected = order(name, **what, answers=answers)
    deadline = time.monotonic() + ANSWER_WITHIN
    while client.llen(answers) < expected and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY)
    return [json.loads(answer) for answer in client.lrange(answers, 0, -1)]


def reports(search: str = "", most: int = 0) -> list[dict[str, Any]]:
    """Return what each server process reports of itself (see `report`)."""
    return sorted(ask("report", search=search, most=most), key=lambda it: str(it["process"]))


def people_present(rooms: Sequence[str]) -> list[list[str]]:
    """Return the ids of the people who are present in each room."""
    url = settings.REDIS_URL
    with _client(url).pipeline(transaction=False) as pipeline:
        for room in rooms:
            pipeline.hkeys(f"present:{channel_of(room, url)}")
        return [sorted(person.decode() for person in people) for people in pipeline.execute()]


@lru_cache(maxsize=8)
def _client(url: str) -> Any:  # the types of redis-py do not tell its clients apart
    return Redis.from_url(
        url,
        socket_timeout=ANSWER_WITHIN,
        socket_connect_timeout=ANSWER_WITHIN,
        retry=Retry(NoBackoff(), 0),
        **keepalive_options(url),
    )
