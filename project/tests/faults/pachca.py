"""A fake Pachca with fault injection, which records what has happened.

It delivers events as Pachca does: once, and up to three more times only if the connection fails.
Lost events are only in the history.
"""

import hashlib
import hmac
import json
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

BOT_USER = 900
PAGE = 50
REDELIVERIES = 3
# Longer than anybody waits for an answer.
NO_ANSWER_FOR = 12.0

Answer = tuple[int, dict[str, str], Any]


@dataclass
class Faults:
    """How likely it is that a call or an event meets with this."""

    too_many: float = 0.05
    error_before: float = 0.03
    error_after: float = 0.03
    silence_before: float = 0.002
    silence_after: float = 0.002
    sent_twice: float = 0.1
    overtaken: float = 0.05


@dataclass
class Outage:
    """Connections fail for some seconds; begins after a number of sent messages.

    Then the first send of each bot meets a 502, and all others are asked to wait for a while.
    """

    seconds: float
    after: int
    limited_for: float = 5.0


@dataclass
class Pachca:
    url: str = ""
    faults: Faults = field(default_factory=Faults)
    dice: random.Random = field(default_factory=random.Random)
    # What the bots have said, by chat, in the order in which it was carried out.
    said: defaultdict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    history: defaultdict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    met: Counter[str] = field(default_factory=Counter)
    outage: Outage | None = None
    # Set where the outage is to begin: the server then stops listening.
    is_down: threading.Event = field(default_factory=threading.Event)
    up_again: float = 0.0
    greeted: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _number: int = 0
    _sent: int = 0

    # --- what bots call --------------------------------------------------------------------------

    def answer(
        self, verb: str, path: str, query: dict[str, list[str]], token: str, body: Any
    ) -> Answer:
        if (verb, path) == ("POST", "/messages"):
            return self._aftermath(token) or self._send(body["message"])
        if (verb, path) == ("GET", "/messages"):
            chat = self.said[int(query["chat_id"][0])]
            return 200, {}, {"data": chat[::-1][:PAGE]}
        if (verb, path) == ("GET", "/webhooks/events"):
            return self._events(token, int(query.get("cursor", ["0"])[0]))
        return 404, {}, {"errors": []}

    def _send(self, message: dict[str, Any]) -> Answer:
        fate = self._fate()
        if fate == "too_many":
            return 429, {"Retry-After": "1"}, "Too Many Requests"
        if fate == "error_before":
            return 500, {}, "<html>Internal Server Error</html>"
        if fate == "silence_before":
            time.sleep(NO_ANSWER_FOR)
            return 504, {}, ""
        sent = self._carry_out(message)
        if fate == "error_after":
            return 502, {}, "<html>Bad Gateway</html>"
        if fate == "silence_after":
            time.sleep(NO_ANSWER_FOR)
        return 201, {}, {"data": sent}

    def _aftermath(self, token: str) -> Answer | None:
        """Return what a send meets when Pachca has just come back: other faults than before."""
        if not self.up_again:
            return None
        with self.lock:
            if token not in self.greeted:
                self.greeted.add(token)
                self.met["502 after the outage"] += 1
                return 502, {}, "<html>Bad Gateway</html>"
            if self.outage and time.monotonic() < self.up_again + self.outage.limited_for:
                self.met["429 after the outage"] += 1
                return 429, {"Retry-After": "1"}, "Too Many Requests"
        return None

    def _fate(self) -> str:
        chance = self.dice.random()
        for name in ("too_many", "error_before", "error_after", "silence_before", "silence_after"):
            chance -= getattr(self.faults, name)
            if chance < 0:
                with self.lock:
                    self.met[name] += 1
                return name
        return ""

    def _carry_out(self, message: dict[str, Any]) -> dict[str, Any]:
        chat = message["entity_id"]  # a person's private chat goes by the person's own number here
        with self.lock:
            sent = {
                "id": self._next(),
                "chat_id": chat,
                "user_id": BOT_USER,
                "content": message["content"],
                "created_at": now(),
            }
            self.said[chat].append(sent)
            self._sent += 1
            if self.outage and self._sent == self.outage.after:
                self.is_down.set()
        return sent

    def _events(self, token: str, start: int) -> Answer:
        events = self.history[token][::-1]
        more = start + PAGE < len(events)
        paginate = {"next_page": str(start + PAGE), "has_next": more}
        return 200, {}, {"data": events[start : start + PAGE], "meta": {"paginate": paginate}}

    # --- what people do --------------------------------------------------------------------------

    def written(self, token: str, person: int, text: str) -> dict[str, Any]:
        """Keep in the history that a person wrote to the bot, and return the event."""
        with self.lock:
            event = {
                "type": "message",
                "event": "new",
                "id": self._next(),
                "entity_type": "user",
                "entity_id": BOT_USER,
                "chat_id": person,
                "user_id": person,
                "content": text,
                "created_at": now(),
                "webhook_timestamp": int(time.time()),
            }
            event_row = {"id": f"E{event['id']}", "event_type": "message_new", "created_at": now()}
            self.history[token].append(event_row | {"payload": event})
        return event

    def push(self, address: str, secret: str, event: dict[str, Any]) -> None:
        body = json.dumps(event).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        for _ in range(1 + REDELIVERIES):
            try:
                httpx.post(
                    address, content=body, headers={"Pachca-Signature": signature}, timeout=5
                )
                return
            except httpx.ConnectError:
                time.sleep(0.3)
            except httpx.HTTPError:
                break
        with self.lock:
            self.met["pushed in vain"] += 1

    def _next(self) -> int:
        self._number += 1
        return self._number


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Endpoint(BaseHTTPRequestHandler):
    pachca: Pachca
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(size)
        if len(raw) < size:
            self.close_connection = True  # the client was killed
            return
        if self.pachca.is_down.is_set():
            self.close_connection = True
            return
        body = json.loads(raw) if raw else None
        address = urlsplit(self.path)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        status, headers, answer = self.pachca.answer(
            self.command, address.path, parse_qs(address.query), token, body
        )
        data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        try:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            self.close_connection = True  # the client has given up or was killed

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, *_: Any) -> None:
        pass

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@contextmanager
def pachca_server(dice: random.Random, outage: Outage | None = None) -> Iterator[Pachca]:
    pachca, over = Pachca(dice=dice, outage=outage), threading.Event()
    server = _listen(pachca)
    pachca.url = f"http://127.0.0.1:{server.server_port}"
    keeper = threading.Thread(target=_keep, args=(pachca, server, over), daemon=True)
    keeper.start()
    try:
        yield pachca
    finally:
        over.set()
        keeper.join()


def _listen(pachca: Pachca, port: int = 0) -> _Server:
    server = _Server(("127.0.0.1", port), type("Endpoint", (_Endpoint,), {"pachca": pachca}))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def _keep(pachca: Pachca, server: _Server, over: threading.Event) -> None:
    """Close the server when it is over, and for as long as the outage lasts, if there is one."""
    while not over.wait(0.05):
        if pachca.outage and pachca.is_down.is_set():
            _close(server)
            over.wait(pachca.outage.seconds)
            pachca.up_again = time.monotonic()
            pachca.is_down.clear()
            server = _listen(pachca, server.server_port)
    _close(server)


def _close(server: _Server) -> None:
    server.shutdown()
    server.server_close()
