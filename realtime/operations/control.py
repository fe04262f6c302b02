"""Control messages: remote procedure calls to all server processes, over a channel of Redis.

The procedures are those of `connections.supervisor`: report, close, tell and look_again.
"""

import json
import logging
import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.conf import settings
from redis.exceptions import RedisError

from core.redis import client
from realtime.wire.keys import control_channel, key_for

REPLY_TIMEOUT = 1.0  # seconds
POLL_EVERY = 0.01  # seconds

logger = logging.getLogger(__name__)


def notify(name: str, **arguments: Any) -> int:
    """Call a procedure in every server process; return how many processes received the call.

    Raises RedisError while Redis is unavailable.
    """
    url = settings.REDIS_URL
    return int(client(url).publish(control_channel(url), json.dumps({"name": name, **arguments})))


def call(name: str, **arguments: Any) -> list[Any]:
    """Call a procedure in every server process and return the results, in no particular order.

    Results that do not arrive within `REPLY_TIMEOUT` are missing. Raises RedisError while Redis is
    unavailable.
    """
    url = settings.REDIS_URL
    redis, replies = client(url), key_for("answers", str(uuid4()), url)
    expected = notify(name, **arguments, answers=replies)
    deadline = time.monotonic() + REPLY_TIMEOUT
    while redis.llen(replies) < expected and time.monotonic() < deadline:
        time.sleep(POLL_EVERY)
    return [json.loads(reply) for reply in redis.lrange(replies, 0, -1)]


def reports(search: str = "", limit: int = 0) -> list[dict[str, Any]]:
    """Return the reports of all server processes (see `connections.report`), sorted by process."""
    return sorted(call("report", search=search, most=limit), key=lambda it: str(it["process"]))


def revalidate(person: str) -> None:
    """Check the sessions and API keys of a person's connections in every process.

    While Redis is unavailable this only logs a warning: processes revalidate periodically.
    """
    try:
        notify("look_again", person=person)
    except RedisError as error:
        logger.warning("Connections are revalidated later: Redis is unavailable (%s)", error)


def people_present(rooms: Sequence[str]) -> list[list[str]]:
    """Return the ids of the people who are present in each room."""
    url = settings.REDIS_URL
    with client(url).pipeline(transaction=False) as pipeline:
        for room in rooms:
            pipeline.hkeys(key_for("present", room, url))
        return [sorted(person.decode() for person in people) for people in pipeline.execute()]
