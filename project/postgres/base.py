"""Django's PostgreSQL, whose pooled connections are looked at without asking the server.

A restarted server leaves dead connections in the pool. `CONN_HEALTH_CHECKS` asks the server before
each use, which is a trip more for every request. But what the server has closed has something to be
read, and what is idle and well has nothing.
"""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        while self.pool and not _is_well(connection):
            connection.close()
            self.pool.putconn(connection)  # which opens another one in its place
            connection = super().get_new_connection(conn_params)
        return connection


def _is_well(connection: Connection[Any]) -> bool:
    """Return whether a connection is good; only one that has something to be read is asked."""
    try:
        if _has_something(connection.fileno()):
            ConnectionPool.check_connection(connection)
    except OperationalError:
        return False
    return True


def _has_something(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
