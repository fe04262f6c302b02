"""A bot, and a fake Pachca that records calls and returns configured responses."""

import asyncio
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from asgiref.sync import async_to_sync
from celery.signals import after_task_publish
from channels.routing import URLRouter
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.urls import path
from pytest_django.fixtures import SettingsWrapper

from bots.framework.api import run as run
from bots.framework.routing.router import Router, root
from bots.intake.webhook import Webhook
from bots.models import Bot, Delivery
from bots.runtime import loop

BOT_USER = 900


@dataclass
class Call:
    verb: str
    path: str
    body: Any
    token: str
    query: str = ""


@dataclass
class FakePachca:
    """Answers every call from a script, else 201 with a new message; remembers what came."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    routes: dict[str, Any] = field(default_factory=dict)
    script: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    delay: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)

    def will_answer(self, status: int, body: Any = None, **headers: str) -> None:
        self.script.append((status, {k.replace("_", "-"): v for k, v in headers.items()}, body))

    def answer(self, call: Call) -> tuple[int, dict[str, str], Any]:
        self.calls.append(call)
        if self.script:
            return self.script.pop(0)
        if call.path in self.routes:
            found = self.routes[call.path]
            return found if isinstance(found, tuple) else (200, {}, {"data": found})
        if call.verb == "GET":
            return 200, {}, {"data": self.messages}
        return 201, {}, {"data": self.create(call.body["message"]["content"])}

    def create(self, content: str, user_id: int = BOT_USER) -> dict[str, Any]:
        message = {
            "id": 5000 + len(self.messages),
            "chat_id": 77,
            "user_id": user_id,
            "content": content,
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        }
        self.messages.insert(0, message)
        return message

    @property
    def said(self) -> list[str]:
        return [
            it.body["message"]["content"]
            for it in self.calls
            if (it.verb, it.path) == ("POST", "/messages")
        ]


class _Endpoint(BaseHTTPRequestHandler):
    pachca: FakePachca
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(size)
        is_json = "json" in self.headers.get("Content-Type", "")
        body = json.loads(raw) if is_json and size else raw or None
        token = self.headers.get("Authorization", "")
        path, _, query = self.path.partition("?")
        if self.pachca.delay:
            self.pachca.over.wait(self.pachca.delay)
        status, headers, answer = self.pachca.answer(Call(self.command, path, body, token, query))
        if status == 0:  # hang up without a word, after the call was carried out
            self.close_connection = True
            return
        data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        data = b"" if status == 204 else data
        self.send_response_only(status)
        headers = {"Date": self.date_time_string(), **headers}
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def pachca(settings: SettingsWrapper) -> Iterator[FakePachca]:
    fake = FakePachca()
    endpoint = type("Endpoint", (_Endpoint,), {"pachca": fake})
    with ThreadingHTTPServer(("127.0.0.1", 0), endpoint) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        fake.url = settings.PACHCA_API_URL = f"http://127.0.0.1:{server.server_port}"
        yield fake
        fake.over.set()
        server.shutdown()


@pytest.fixture(scope="session", autouse=True)
def _the_loop_leaves_no_connection(django_db_setup: None) -> Iterator[None]:
    yield
    loop.end(0)


@pytest.fixture
def bot(db: Any) -> Bot:
    return Bot.objects.create(
        name="Demo", slug="demo", token="tkn", signing_secret="scrt", pachca_user_id=BOT_USER
    )


@pytest.fixture
def admin(admin_client: Any) -> Any:
    admin_client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    ContentType.objects.get_for_models(*apps.get_models())  # else the first page asks for them
    return admin_client


@pytest.fixture
def staff(client: Any, db: Any) -> Any:
    """Signs somebody in who has been given the named permissions and nothing else."""

    def sign_in(*codenames: Any) -> Any:
        person = get_user_model().objects.create_user("staff", is_staff=True)
        person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(person)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return sign_in


def answers() -> list[str]:
    rows = Delivery.objects.order_by("pk")
    return [row.payload["message"]["content"] for row in rows]


@pytest.fixture
def router() -> Iterator[Router]:
    """A router that is asked before all others, for the length of a test."""
    router = Router()
    root.routers.insert(0, router)
    yield router
    root.routers.remove(router)


def message_event(text: str = "/start", **changes: Any) -> dict[str, Any]:
    event = {
        "type": "message",
        "event": "new",
        "id": 1,
        "entity_type": "user",
        "entity_id": BOT_USER,
        "chat_id": 77,
        "user_id": 12,
        "content": text,
        "created_at": "2026-11-22T10:00:00.000Z",
        "webhook_timestamp": int(time.time()),
    }
    return event | changes


def signature(body: bytes, key: str = "scrt") -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


class Pachcas:
    """Posts webhooks as Pachca does."""

    def __init__(self, patience: float = 10) -> None:
        address: Any = path("bots/<slug:slug>/webhook", Webhook(patience))  # type: ignore[arg-type]  # Channels routes ASGI
        self.application = URLRouter([address])
        self.answered = threading.Event()

    def post(self, body: Any, slug: str = "demo", **headers: str) -> httpx.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Pachca-Signature": signature(raw), **headers}
        encoded = {name: value.encode() for name, value in given.items()}
        return self.ask("POST", f"/bots/{slug}/webhook", content=raw, headers=encoded)

    def ask(self, verb: str, address: str, **request: Any) -> httpx.Response:
        # Never on the loop of the jobs, which this thread may have worked for.
        return async_to_sync(self._ask, force_new_loop=True)(verb, address, **request)

    async def _ask(self, verb: str, address: str, **request: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.application)
        async with httpx.AsyncClient(transport=transport, base_url="http://bots") as client:
            answer = await client.request(verb, address, **request)
        self.answered.set()
        # The answer does not wait for the bell.
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
        return answer


@pytest.fixture
def webhook() -> Pachcas:
    return Pachcas()


HEARD: list[tuple[str, tuple[Any, ...]]] = []


@after_task_publish.connect
def _record(sender: str, body: Any, **_: Any) -> None:
    HEARD.append((sender, tuple(body[0])))


@pytest.fixture
def rung() -> list[tuple[str, tuple[Any, ...]]]:
    """The bells that the broker has taken, as (task, arguments)."""
    HEARD.clear()
    return HEARD
