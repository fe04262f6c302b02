"""Django's PostgreSQL backend with a check of pooled connections that needs no round trip.

A restarted server leaves dead connections in the pool. `CONN_HEALTH_CHECKS` queries the server
before each use, which is one more round trip per request. Instead, the socket is polled: a closed
connection is readable, a healthy idle one is not.

See `core.postgres.outage` for how long a thread waits for a connection.
"""

import select
from time import monotonic
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool, PoolTimeout

from core.postgres.outage import RETRY_TIMEOUT, DatabaseIsDown, answers, breaker


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not self.pool:
            return super().get_new_connection(conn_params)
        if not breaker.is_enabled:
            return self._get_with_retries(conn_params)
        return breaker.call(
            lambda: self._get_open(conn_params), lambda: self._get_verified(conn_params)
        )

    def _get_verified(self, conn_params: dict[str, Any]) -> Any:
        connection = self._get_open(conn_params)
        if not answers(connection.info):
            connection.close()
            self.pool.putconn(connection)
            raise DatabaseIsDown
        return connection

    def _get_with_retries(self, conn_params: dict[str, Any]) -> Any:
        """Retry for RETRY_TIMEOUT seconds: the pool itself gives up one second after a failure."""
        end = monotonic() + RETRY_TIMEOUT
        while True:
            try:
                return self._get_open(conn_params)
            except PoolTimeout:
                if monotonic() > end:
                    raise

    def _get_open(self, conn_params: dict[str, Any]) -> Any:
        """Return a pooled connection that the server has not closed."""
        connection = super().get_new_connection(conn_params)
        while not _is_open(connection):
            connection.close()
            self.pool.putconn(connection)  # the pool replaces it
            connection = super().get_new_connection(conn_params)
        return connection


def _is_open(connection: Connection[Any]) -> bool:
    """Return whether a connection is open; only a readable one is checked by a query."""
    try:
        if _is_readable(connection.fileno()):
            ConnectionPool.check_connection(connection)
    except OperationalError:
        return False
    return True


def _is_readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
