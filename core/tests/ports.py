"""Ports for the servers that tests start."""

import secrets
import socket
import time
from contextlib import suppress

# Below those that systems give to outgoing connections, one of which might take a port before the
# server does.
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """Return a port of this machine on which nothing listens."""
    while True:
        port = secrets.choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def wait_for_port(port: int, timeout: float = 60.0) -> None:
    """Return when a server listens on a port of this machine; raise TimeoutError otherwise."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"Nothing listens on port {port}.")
