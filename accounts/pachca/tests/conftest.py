"""Fixtures of the tests of Pachca's people."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from pytest_django.fixtures import SettingsWrapper

from accounts.tests.conftest import _apart, ann, root  # noqa: F401
from sandbox.actions import add_bot, add_oauth_client, add_person
from sandbox.models import Account
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


@pytest.fixture
def sandbox(live_server: Any, settings: SettingsWrapper) -> str:
    """The address of a server with the sandbox, where this site is registered as a client."""
    settings.DEBUG = True  # the consent page is open to everybody
    settings.SITE_URL = live_server.url
    settings.SANDBOX_API_URL = f"{live_server.url}/sandbox/api/shared/v1"
    bot = add_bot("Demo", "demo", "")
    add_oauth_client(
        bot,
        ["http://localhost/login/pachca/callback", f"{live_server.url}/login/pachca/callback"],
        ["profile:read", "chats:read"],
        client_id=settings.PACHCA_CLIENT_ID,
        secret=settings.PACHCA_CLIENT_SECRET,
    )
    return str(live_server.url)


@pytest.fixture
def vera(sandbox: str) -> Account:
    """An employee in the sandbox."""
    return add_person("Вера Орлова", "vera")
