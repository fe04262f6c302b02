"""Key authentication and rate limits, in one round trip to Redis for a key that is cached.

Each process caches keys for a few seconds. The request that counts a call also reads the number of
revocations, which every revocation increments, so a revoked key is rejected immediately. Unknown
keys are counted per address, valid ones per key. While Redis is unavailable, nothing is cached and
nothing limited.
"""

import logging
import time
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from redis.exceptions import RedisError
from rest_framework.exceptions import AuthenticationFailed, Throttled

from core import redis
from core.redis.rate_limit import Window, rate_limiter, seconds_left
from twitter.models import ApiKey, User
from twitter.models.keys import hash_key
from twitter.models.people import person_changed

logger = logging.getLogger(__name__)

WINDOW = Window("api", calls=0, seconds=60)  # the limit depends on the caller
CACHE_TIMEOUT = 5.0
MAX_CACHED_KEYS = 10_000


class UnknownKey(AuthenticationFailed):
    default_detail = gettext_lazy("The API key is not valid. Check the api-key header.")
    auth_header = "api-key"


class TooManyCalls(Throttled):
    def __init__(self, wait: int) -> None:
        super().__init__(detail=_("Too many requests. Try again in %(n)d s.") % {"n": wait})
        self.wait = wait


class TooManyUnknownKeys(Throttled):
    def __init__(self, wait: int) -> None:
        detail = _(
            "The API key is not valid, and this address has sent too many invalid keys. "
            "Try again in %(n)d s."
        )
        super().__init__(detail=detail % {"n": wait})
        self.wait = wait


@dataclass(frozen=True, slots=True)
class CachedKey:
    """A valid key, and the number of revocations at the time of its look-up."""

    owner: User
    revocations: bytes | None
    until: float


class Gate:
    """Authenticates keys and limits the rate of calls, for one process."""

    def __init__(self, url: str) -> None:
        self._redis = redis.client(url)
        self._limiter = rate_limiter(url)
        self._cache: dict[str, CachedKey] = {}

    def authenticate(self, key: str, address: str) -> User:
        """Return the owner of a key and count the call. Raises UnknownKey or Throttled."""
        mark = hash_key(key)
        cached = self._get_cached(mark) or self._look_up(mark, key, address)
        calls, revocations = self._count(mark)
        if cached.revocations != revocations:
            cached = self._look_up(mark, key, address)
        self._check_limit(calls, settings.API_CALLS_PER_KEY)
        return copy(cached.owner)  # a copy without cached permissions

    def find_owner(self, key: str, address: str) -> User:
        """Return the owner of a key. Raises UnknownKey, or Throttled after too many unknown keys.

        Every key is looked up, by its hash in a unique index, so a valid key is accepted even if
        other clients at the same address exceeded the limit. Only unknown keys are counted.
        """
        owner = ApiKey.objects.find_owner(key)
        if owner is None:
            failures, _revocations = self._count(address)
            if failures > settings.API_CALLS_PER_STRANGER:
                logger.warning("Unknown api-key from %s refused: %d a minute.", address, failures)
                raise TooManyUnknownKeys(seconds_left(WINDOW))
            raise UnknownKey
        return owner

    def count(self, name: str, limit: int) -> None:
        """Count a call without a key under `name`. Raises Throttled above `limit` per minute."""
        calls, _revocations = self._count(name)
        self._check_limit(calls, limit)

    def invalidate(self) -> None:
        """Invalidate the cached keys of all processes."""
        self._cache.clear()
        try:
            self._redis.incr(_revocations())
        except RedisError:
            logger.warning(
                "Redis is unavailable: other processes reject revoked keys only after %s s.",
                CACHE_TIMEOUT,
            )

    def _get_cached(self, mark: str) -> CachedKey | None:
        cached = self._cache.get(mark)
        return cached if cached and cached.until > time.monotonic() else None

    def _look_up(self, mark: str, key: str, address: str) -> CachedKey:
        # Read before the look-up, so that a key revoked meanwhile is not cached as valid.
        revocations = self._read_revocations()
        owner = self.find_owner(key, address)
        cached = CachedKey(copy(owner), revocations, time.monotonic() + CACHE_TIMEOUT)
        if revocations is not None:
            if len(self._cache) >= MAX_CACHED_KEYS:
                self._cache.clear()
            self._cache[mark] = cached
        return cached

    def _read_revocations(self) -> bytes | None:
        try:
            return cast(bytes | None, self._redis.get(_revocations())) or b"0"
        except RedisError:
            return None

    def _count(self, name: str) -> tuple[int, bytes | None]:
        """Count a call; return the calls in this window and the number of revocations."""
        try:
            calls, revocations = self._limiter.count(name, [WINDOW], also_read=[_revocations()])
        except RedisError:
            return 0, None
        return calls, revocations or b"0"

    def _check_limit(self, calls: int, limit: int) -> None:
        if calls > limit:
            raise TooManyCalls(seconds_left(WINDOW))


def _revocations() -> str:
    return redis.key("api", "revocations")


@lru_cache(maxsize=1)
def gate() -> Gate:
    """Return this process's gate."""
    return Gate(settings.REDIS_URL)


def invalidate(**_signal: Any) -> None:
    gate().invalidate()


person_changed.connect(invalidate, dispatch_uid="twitter.gate")
