"""A few accounts, a client for each of them, and a bot that records deliveries."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client

from realtime.testing import RecordingBus
from realtime.testing import sockets as sockets  # a fixture
from sandbox.actions import add_bot, add_chat, add_person
from sandbox.models import Account, Chat

API = "/sandbox/api/shared/v1"


class Caller:
    """Calls the API, and the page's helpers, as one account."""

    def __init__(self, account: Account | None) -> None:
        headers = {"Authorization": f"Bearer {account.token}"} if account else {}
        self.client = Client(headers=headers)

    def call(self, verb: str, path: str, body: Any = None, base: str = API, **query: Any) -> Any:
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return self.client.generic(
            verb.upper(),
            base + path,
            data="" if body is None else data,
            content_type="application/json",
            query_params=query,
        )

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("POST", path, body)

    def put(self, path: str, body: Any = None) -> Any:
        return self.call("PUT", path, body)

    def delete(self, path: str, **query: Any) -> Any:
        return self.call("DELETE", path, **query)

    def page(self, verb: str, path: str, body: Any = None, **query: Any) -> Any:
        return self.call(verb, path, body, base="/sandbox", **query)

    def say(self, chat: Chat, content: str, **more: Any) -> dict[str, Any]:
        message = {"entity_id": chat.pk, "content": content, **more}
        response = self.post("/messages", {"message": message})
        assert response.status_code == 201, response.content
        said: dict[str, Any] = response.json()["data"]
        return said


@dataclass
class Delivery:
    headers: dict[str, str]
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = json.loads(self.body)
        return payload


@dataclass
class FakeBot:
    """The bot's end of a webhook: responds as scripted, else with 200, and records deliveries."""

    url: str = ""
    received: list[Delivery] = field(default_factory=list)
    script: list[tuple[int, str]] = field(default_factory=list)
    called: threading.Event = field(default_factory=threading.Event)
    takes: float = 0  # seconds for each answer
    listening: int = 0
    most_at_once: int = 0

    def answer(self, delivery: Delivery) -> tuple[int, str]:
        self.received.append(delivery)
        self.listening += 1
        self.most_at_once = max(self.most_at_once, self.listening)
        time.sleep(self.takes)
        self.listening -= 1
        self.called.set()
        return self.script.pop(0) if self.script else (200, "ok")


@pytest.fixture
def fake_bot() -> Iterator[FakeBot]:
    fake = FakeBot()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, text = fake.answer(Delivery(dict(self.headers), body))
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield fake
    server.shutdown()
    server.server_close()


@pytest.fixture
def ann(db: None) -> Account:
    return add_person("Ann Lee", "ann")


@pytest.fixture
def bob(db: None) -> Account:
    return add_person("Bob", "bob")


@pytest.fixture
def stranger(db: None) -> Account:
    return add_person("Eve", "eve")


@pytest.fixture
def bot(db: None) -> Account:
    return add_bot("Echo", "echo", "/bots/echo/webhook")


@pytest.fixture
def chat(ann: Account, bob: Account, bot: Account) -> Chat:
    return add_chat("General", [ann, bob, bot])


@pytest.fixture
def as_ann(ann: Account) -> Caller:
    return Caller(ann)


@pytest.fixture
def as_bob(bob: Account) -> Caller:
    return Caller(bob)


@pytest.fixture
def as_stranger(stranger: Account) -> Caller:
    return Caller(stranger)


@pytest.fixture
def as_bot(bot: Account) -> Caller:
    return Caller(bot)


@pytest.fixture
def as_nobody() -> Caller:
    return Caller(None)


@pytest.fixture(autouse=True)
def _quiet(sockets: RecordingBus, tmp_path: Any, settings: Any) -> None:
    """Nothing leaves a test: events are recorded, files kept apart, calls not counted."""
    settings.MEDIA_ROOT = tmp_path
    settings.REDIS_URL = f"unix://{tmp_path}/missing.sock"
