"""Who may call, and how often: one look into Redis for a caller that was known a moment ago.

Keys are looked up in the database once and remembered for a few seconds. Each call, as it counts
itself, also reads a number that every revocation changes, so a revoked key is refused at once.
Without Redis nothing is remembered and nothing counted.
"""

import logging
import time
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rest_framework.exceptions import AuthenticationFailed, Throttled

from twitter.models import ApiKey, User
from twitter.models.keys import hashed
from twitter.models.people import person_changed

logger = logging.getLogger(__name__)

WINDOW = 60
REMEMBERED_FOR = 5.0
MOST_REMEMBERED = 10_000
REVOCATIONS = "svyaz:api:revocations"

COUNT_AND_READ = """
local calls = redis.call('INCR', KEYS[1])
if calls == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {calls, redis.call('GET', KEYS[2]) or '0', redis.call('GET', KEYS[3]) or '0'}
"""


class UnknownKey(AuthenticationFailed):
    default_detail = gettext_lazy("The api-key is not valid.")
    auth_header = "api-key"


class TooManyCalls(Throttled):
    def __init__(self, wait: int) -> None:
        super().__init__(
            detail=_("Too many calls. The next one may come in %(n)d s.") % {"n": wait}
        )
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Known:
    """A key that was good a moment ago, when so many revocations had been made."""

    owner: User
    revocations: bytes | None
    until: float


class Gate:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._count_and_read = redis.register_script(COUNT_AND_READ)
        self._known: dict[str, Known] = {}

    def owner_of(self, key: str, address: str) -> User:
        """Return the holder of a key, and count the call; UnknownKey, or Throttled.

        Of keys that are not known, each address may try a few a minute: nobody guesses one.
        """
        mark = hashed(key)
        window = int(time.time()) // WINDOW
        by_key, by_address = f"svyaz:api:{mark}:{window}", f"svyaz:api:{address}:{window}"
        calls, revocations, failures = self._look(by_key, by_address)
        known = self._known.get(mark)
        if known and known.until > time.monotonic() and known.revocations == revocations:
            owner = copy(known.owner)  # whose permissions are asked for anew
        else:
            self._refuse_over(failures, settings.API_CALLS_PER_STRANGER)
            owner = self._owner_in_database(key, by_address)
            self._remember(mark, owner, revocations)
        self._refuse_over(calls, settings.API_CALLS_PER_KEY)
        return owner

    def count(self, name: str, most: int) -> None:
        """Count a call of somebody without a key; Throttled if there were too many."""
        window = int(time.time()) // WINDOW
        calls, _revocations, _failures = self._look(f"svyaz:api:{name}:{window}", REVOCATIONS)
        self._refuse_over(calls, most)

    def forget(self) -> None:
        """Let no process trust what it remembers."""
        self._known.clear()
        try:
            self._redis.incr(REVOCATIONS)
        except RedisError:
            logger.warning("Redis is away: a revoked key is refused in %s s.", REMEMBERED_FOR)

    def _look(self, counted: str, read: str) -> tuple[int, bytes | None, int]:
        """Count one call, and read the revocations and another count, in one round trip."""
        try:
            found = self._count_and_read([counted, REVOCATIONS, read], [2 * WINDOW])
        except RedisError:
            return 0, None, 0
        calls, revocations, other = found
        return calls, revocations, int(other)

    def _refuse_over(self, calls: int, most: int) -> None:
        if calls > most:
            raise TooManyCalls(wait=WINDOW - int(time.time()) % WINDOW)

    def _owner_in_database(self, key: str, by_address: str) -> User:
        owner = ApiKey.objects.owner_of(key)
        if owner is None:
            self._look(by_address, by_address)
            raise UnknownKey
        return owner

    def _remember(self, mark: str, owner: User, revocations: bytes | None) -> None:
        if revocations is None:
            return
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[mark] = Known(copy(owner), revocations, time.monotonic() + REMEMBERED_FOR)


@lru_cache(maxsize=1)
def gate() -> Gate:
    """Return this process's gate."""
    no_retry = Retry(NoBackoff(), 0)
    waits = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
    return Gate(Redis.from_url(settings.REDIS_URL, retry=no_retry, **waits))


def forget(**_signal: Any) -> None:
    gate().forget()


person_changed.connect(forget, dispatch_uid="twitter.gate")
