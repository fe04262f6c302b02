"""Detection of PostgreSQL outages; the web server fails fast until the database is back.

Requests must be answered within 2 seconds. A thread waits for the database for at most
`CONNECT_TIMEOUT`, and not at all during a known outage: otherwise waiting threads would exhaust the
thread pool. Once a second, one thread tries whether the database is back.

Workers do not fail fast: a job that waits is better than a job that is repeated.
"""

import socket
import struct
from collections.abc import Callable, Generator
from time import monotonic
from typing import Any, TypeVar

from psycopg import Connection, ConnectionInfo, OperationalError
from psycopg.waiting import Ready

from core.backoff import Backoff
from core.circuit_breaker import TRIAL, CircuitBreaker

Result = TypeVar("Result")

CONNECT_TIMEOUT = 1.0  # seconds, for one attempt to get a connection
RETRY_TIMEOUT = 30.0  # seconds, for all attempts of a process that does not fail fast
BACKOFF = Backoff(first=1.0, factor=1.0)
PING_AFTER = 0.7  # seconds without a response to a query until the server is pinged
PING_TIMEOUT = 0.3
SSL_REQUEST = struct.pack("!ii", 8, 80877103)


class DatabaseIsDown(OperationalError):
    """PostgreSQL does not respond."""

    def __init__(self) -> None:
        super().__init__(DatabaseIsDown.__doc__ or "")


class Breaker(CircuitBreaker):
    """A circuit breaker around getting a connection, for processes that enable it."""

    def __init__(self, backoff: Backoff = BACKOFF) -> None:
        super().__init__("PostgreSQL", (OperationalError,), DatabaseIsDown, backoff)
        self.is_enabled = False

    def call(
        self, connect: Callable[[], Result], connect_and_verify: Callable[[], Result]
    ) -> Result:
        """Return what `connect` returns; raise DatabaseIsDown at once during an outage.

        A trial calls `connect_and_verify` instead: a pool may have connections left to a server
        that hangs.
        """
        mark = self.begin()
        try:
            connection = connect_and_verify() if mark == TRIAL else connect()
        except BaseException as error:
            self.end(mark, error)
            raise
        self.end(mark)
        return connection


breaker = Breaker()


class WatchedConnection(Connection[Any]):
    """Cancels a query when the server stops responding, without a limit on slow queries.

    A server that hangs or a network that drops packets causes no error. So after PING_AFTER seconds
    without data the server is pinged on a new connection.
    """

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        if breaker.is_enabled:
            gen = self._watch(gen)
        return super().wait(gen, *args, **kwargs)

    def _watch(self, gen: Generator[Any, Any, Result]) -> Generator[Any, Any, Result]:
        """Wrap psycopg's wait generator, which receives Ready.NONE every 0.1 s without data."""
        check_at = monotonic() + PING_AFTER
        try:
            state = next(gen)
            while True:
                ready = yield state
                if ready != Ready.NONE:
                    check_at = monotonic() + PING_AFTER
                elif monotonic() >= check_at:
                    self._close_if_down()
                    check_at = monotonic() + PING_AFTER
                state = gen.send(ready)
        except StopIteration as end:
            result: Result = end.value
            return result

    def _close_if_down(self) -> None:
        if not breaker.is_open and answers(self.info):
            return
        error = DatabaseIsDown()
        breaker.open(error)
        self.pgconn.finish()
        raise error


def answers(server: ConnectionInfo) -> bool:
    """Ping the server on a new connection, without authentication.

    PostgreSQL responds to an SSLRequest with one byte, even if all connections are in use.
    """
    try:
        with _dial(server) as ping:
            ping.sendall(SSL_REQUEST)
            return bool(ping.recv(1))
    except OSError:
        return False


def _dial(server: ConnectionInfo) -> socket.socket:
    if not server.host.startswith("/"):
        return socket.create_connection((server.hostaddr or server.host, server.port), PING_TIMEOUT)
    ping = socket.socket(socket.AF_UNIX)
    ping.settimeout(PING_TIMEOUT)
    try:
        ping.connect(f"{server.host}/.s.PGSQL.{server.port}")
    except OSError:
        ping.close()
        raise
    return ping
