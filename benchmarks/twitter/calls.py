"""CPU that each call of the REST API costs a server process, of this tree or of several.

    export DATABASE_URL=postgres://postgres@127.0.0.1:5432/some REDIS_URL=redis://127.0.0.1:6379/9
    .venv/bin/python manage.py migrate && .venv/bin/python manage.py seed_demo --tweets 1000
    git worktree add /tmp/before main~1
    .venv/bin/python benchmarks/twitter/calls.py /tmp/before .

The database is one for this alone. Each tree runs in a process of its own and calls its ASGI
application without a server; the processes take turns, call by call. The figures are ms of CPU of
the process, without the database's own: of several rounds the least, since other work on the
machine only adds to it.
BENCHMARK_ROUNDS=15 and BENCHMARK_CALLS=10 choose how many rounds, and calls in each;
BENCHMARK_ONLY="POST tweets,GET users/me" chooses the calls.
"""

import asyncio
import io
import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "15"))
CALLS = int(os.environ.get("BENCHMARK_CALLS", "10"))
JSON = "application/json"
FORM = "multipart/form-data; boundary=limit"
TWEET = json.dumps({"tweet_data": "Отчёт готов, спасибо всем, это замер"}).encode()
TWEET_WITH_PICTURE = b'{"tweet_data": "x", "tweet_media_ids": [{media}]}'

# name: (method, path, body, the call before it that is not measured and makes it do something)
TABLE: dict[str, tuple[str, str, bytes, tuple[str, str, bytes] | None]] = {
    "GET tweets?limit=20": ("GET", "tweets?limit=20", b"", None),
    "GET tweets?feed=popular": ("GET", "tweets?feed=popular&limit=20", b"", None),
    "GET tweets?feed=following": ("GET", "tweets?feed=following&limit=20", b"", None),
    "POST tweets": ("POST", "tweets", TWEET, None),
    "GET tweets/1": ("GET", "tweets/{tweet}", b"", None),
    "POST tweets/1": ("POST", "tweets/{tweet}", TWEET, None),
    "PATCH tweets/1": ("PATCH", "tweets/{new}", TWEET, ("POST", "tweets", TWEET)),
    "DELETE tweets/1": ("DELETE", "tweets/{new}", b"", ("POST", "tweets", TWEET)),
    "GET tweets/1/thread": ("GET", "tweets/{tweet}/thread?limit=20", b"", None),
    **{
        f"{method} tweets/1/{what}": (
            *(method, f"tweets/{{tweet}}/{what}", b""),
            (before, f"tweets/{{tweet}}/{what}", b""),
        )
        for what in ("likes", "reposts", "bookmark")
        for method, before in (("POST", "DELETE"), ("DELETE", "POST"))
    },
    "GET bookmarks": ("GET", "bookmarks?limit=20", b"", None),
    "GET search": ("GET", "search?q=report&limit=20", b"", None),
    "GET trends": ("GET", "trends", b"", None),
    "POST medias": ("POST", "medias", b"{picture}", ("POST", "tweets", TWEET_WITH_PICTURE)),
    "GET medias/name": ("GET", "{file}", b"", None),
    "GET users?q=": ("GET", "users?q=a", b"", None),
    "POST users": ("POST", "users", b"{person}", None),
    "GET users/me": ("GET", "users/me", b"", None),
    "PATCH users/me": ("PATCH", "users/me", b'{"about": "x"}', None),
    "POST users/me/avatar": ("POST", "users/me/avatar", b"{picture}", None),
    "DELETE users/me/avatar": (
        *("DELETE", "users/me/avatar", b""),
        ("POST", "users/me/avatar", b"{picture}"),
    ),
    "GET users/1": ("GET", "users/{user}", b"", None),
    "DELETE users/1": ("DELETE", "users/{new}", b"", ("POST", "users", b"{person}")),
    "POST users/1/follow": (
        *("POST", "users/{user}/follow", b""),
        ("DELETE", "users/{user}/follow", b""),
    ),
    "DELETE users/1/follow": (
        *("DELETE", "users/{user}/follow", b""),
        ("POST", "users/{user}/follow", b""),
    ),
    "GET notifications": ("GET", "notifications?limit=20", b"", None),
    "POST notifications/read": ("POST", "notifications/read", b"", None),
    "GET schema": ("GET", "schema", b"", None),
    "OPTIONS tweets": ("OPTIONS", "tweets", b"", None),
    "no such path": ("GET", "nothing", b"", None),
    "no such tweet": ("GET", "tweets/0", b"", None),
    "malformed body": ("POST", "tweets", b"{", None),
    "GET tweets/1 by a session": ("GET", "tweets/{tweet}", b"", None),
}

NAMES = [name for name in os.environ.get("BENCHMARK_ONLY", "").split(",") if name] or [*TABLE]


class Caller:
    """Calls the ASGI application of the tree in the current directory, in this process."""

    def __init__(self) -> None:
        sys.path.insert(0, os.getcwd())
        own = {"DEBUG": "0", "HTTPS": "0", "ALLOWED_HOSTS": "127.0.0.1", "SECRET_KEY": "bench" * 16}
        limits = {"API_CALLS_PER_KEY": "100000000", "LOG_LEVEL": "ERROR"}
        os.environ.update(own, **limits, DJANGO_SETTINGS_MODULE="project.settings")
        from project import asgi  # noqa: PLC0415  the settings come first

        self.application, self.loop = asgi.application, asyncio.new_event_loop()
        self.prepare()

    def prepare(self) -> None:
        from django.db import connections  # noqa: PLC0415  the application comes first
        from django.test import Client  # noqa: PLC0415  the same
        from PIL import Image  # noqa: PLC0415  the same

        from twitter.models import ApiKey, Tweet, User  # noqa: PLC0415  the same

        person = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser(
            "benchmark"
        )
        client = Client()
        client.force_login(person)
        self.cookie = f"sessionid={client.cookies['sessionid'].value}"
        self.key = ApiKey.objects.make(person, "benchmark")[1]
        file = io.BytesIO()
        Image.new("RGB", (64, 64), "red").save(file, "PNG")
        part = b'--limit\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        self.picture = part + file.getvalue() + b"\r\n--limit--\r\n"
        others = User.objects.present().exclude(pk=person.pk)
        feed = Tweet.objects.feed().filter(repost_of=None).exclude(author=person)
        self.values = {"tweet": feed[5].pk, "user": others[0].pk, "new": 0}
        self.upload()
        self.call("POST", "tweets", TWEET_WITH_PICTURE)
        self.upload()
        connections.close_all()

    def upload(self) -> None:
        made = json.loads(self.call("POST", "medias", b"{picture}")[1])
        self.values.setdefault("file", made["url"].removeprefix("/api/"))
        self.values["media"] = made["media_id"]

    def measure(self, name: str, count: int) -> float:
        """Return the ms of CPU of one call, on average."""
        method, path, body, before = TABLE[name]
        used = 0.0
        for _ in range(count):
            if before:
                _status, made = self.call(*before)
                fields = json.loads(made)
                self.values["new"] = fields.get("tweet_id") or fields.get("user", {}).get("id", 0)
            started = time.process_time()
            status, answer = self.call(method, path, body, by_session=name.endswith("session"))
            used += time.process_time() - started
            if name == "POST medias":
                self.values["media"] = json.loads(answer)["media_id"]
            if status >= 400 and name.split()[0].isupper():
                sys.exit(f"{name}: {status} {answer[:200]!r}")
        return used / count * 1e3

    def call(self, method: str, path: str, body: bytes, *, by_session: bool = False) -> Any:
        made = json.dumps({"name": "Somebody", "key": secrets.token_hex(16)}).encode()
        body = body.replace(b"{picture}", self.picture).replace(b"{person}", made)
        body = body.replace(b"{media}", str(self.values.get("media")).encode())
        target, _, query = f"/api/{path.format_map(self.values)}".partition("?")
        shown = ("cookie", self.cookie) if by_session else ("api-key", self.key)
        headers = {
            **{"host": "127.0.0.1", "user-agent": "benchmark", "accept": "*/*"},
            "accept-language": "ru-RU,ru;q=0.9,en;q=0.8",
            shown[0]: shown[1],
        }
        if body:
            headers["content-type"] = FORM if body == self.picture else JSON
            headers["content-length"] = str(len(body))
        scope = {
            **{"type": "http", "http_version": "1.1", "method": method, "scheme": "http"},
            **{"path": target, "raw_path": target.encode(), "query_string": query.encode()},
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            **{"client": ("127.0.0.1", 5000), "server": ("127.0.0.1", 80), "root_path": ""},
        }
        return self.loop.run_until_complete(self._call(scope, body))

    async def _call(self, scope: Any, body: bytes) -> Any:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(event: Any) -> None:
            sent.append(event)

        await self.application(scope, receive, send)
        return sent[0]["status"], b"".join(it.get("body", b"") for it in sent[1:])


def serve() -> None:
    """Measure the call that each line names."""
    caller = Caller()
    print("ready", flush=True)
    for line in sys.stdin:
        print(caller.measure(line.strip(), CALLS), flush=True)


def start(tree: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(Path(__file__).resolve()), "--serve"]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(command, cwd=tree, text=True, **pipes)
    assert process.stdout is not None
    if process.stdout.readline().strip() != "ready":
        sys.exit(f"{tree} does not start")
    return process


def main() -> None:
    trees = sys.argv[1:] or ["."]
    processes = [start(tree) for tree in trees]
    times: dict[tuple[str, int], list[float]] = {}
    for turn in range(ROUNDS + 1):
        for name in NAMES:
            for number, process in enumerate(processes):
                print(name, file=process.stdin, flush=True)
                took = float(process.stdout.readline())  # type: ignore[union-attr]
                if turn:  # the first one warms up
                    times.setdefault((name, number), []).append(took)
    print(f"{'call':28}", *(f"{tree[-14:]:>14}" for tree in trees), "  ratio")
    for name in NAMES:
        least = [min(times[name, number]) for number in range(len(trees))]
        ratio = f"{least[-1] / least[0]:7.2f}" if len(trees) > 1 else ""
        print(f"{name:28}", *(f"{each:14.2f}" for each in least), ratio)
    for process in processes:
        process.stdin.close()  # type: ignore[union-attr]
        process.wait()


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["--serve"] else main()
