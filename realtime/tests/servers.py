"""A real web server in a thread, with an event loop, and so a hub, of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


@contextmanager
def serving(application: Any, protocol: Any = "websockets-sansio") -> Iterator[str]:
    """Serve an ASGI application by uvicorn; yield its WebSocket URL."""
    config = uvicorn.Config(
        application,
        port=0,
        lifespan="off",
        log_config=None,
        ws=protocol,
        ws_per_message_deflate=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{_port(server)}/ws"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def _port(server: uvicorn.Server) -> int:
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    return int(server.servers[0].sockets[0].getsockname()[1])
