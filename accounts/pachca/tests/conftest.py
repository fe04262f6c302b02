"""Fixtures of the tests of Pachca's people."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from accounts.tests.conftest import _apart, ann, root  # noqa: F401
from twitter.tests.factories import picture


class Pictures(BaseHTTPRequestHandler):
    """A host of avatars: /face.png is one, /text is none, all else is missing."""

    content: ClassVar[dict[str, bytes]] = {"/face.png": picture().read(), "/text": b"no picture"}

    def do_GET(self) -> None:
        body = self.content.get(self.path)
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def pictures() -> Iterator[str]:
    """The address of a host of avatars on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Pictures) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
