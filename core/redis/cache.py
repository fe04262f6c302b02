"""Django's cache backend for Redis, with the client and outage policy of core.redis."""

from typing import Any

from django.core.cache.backends import redis

from core.redis import client


class RedisCacheClient(redis.RedisCacheClient):
    """Uses the client of the process: Django's connects per thread, without time-outs."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        self._url = servers[0]

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """Return the process's client, for reading and writing."""
        return client(self._url)


class RedisCache(redis.RedisCache):
    """Django's Redis cache, with the clients of `core.redis`."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = RedisCacheClient
