"""The feed and posting over HTTP beside FastAPI with async SQLAlchemy, in one run: ratios.

    .venv/bin/pip install -r benchmarks/twitter/requirements.txt
    DATABASE_URL=postgres://postgres@127.0.0.1:5432/some REDIS_URL=redis://127.0.0.1:6379/9 \
        .venv/bin/python benchmarks/twitter/run.py

The database is one that `manage.py seed_demo --tweets N` filled, for this alone. One worker process
of uvicorn each, the same tables and rows, 16 connections, turn by turn; the load generator does not
parse. The feed is asked for first, of tweets with likes and, every other one, a picture; what an
earlier run has posted is deleted before.
Ours counts calls, checks revocations, tells of tweets on the live line, and answers more.
BENCHMARK_ROUNDS=3, BENCHMARK_SECONDS=4 and BENCHMARK_PORT=8120 choose how it is run.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))
PORT = int(os.environ.get("BENCHMARK_PORT", "8120"))
ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "3"))
SECONDS = float(os.environ.get("BENCHMARK_SECONDS", "4"))
CONNECTIONS = 16
KEY = "benchmark-key-0123456789"
SERVERS = {"peer": "benchmarks.twitter.peer:app", "ours": "project.asgi:application"}
TEXT = "Отчёт готов, спасибо всем, это замер"
POSTED = json.dumps({"tweet_data": TEXT}).encode()
CALLS = {
    "feed of 20": ("GET", "/api/tweets?limit=20", b""),
    "post": ("POST", "/api/tweets", POSTED),
}


def environment():
    peer = os.environ["DATABASE_URL"].replace("postgres://", "postgresql+asyncpg://")
    own = {"DEBUG": "0", "HTTPS": "0", "ALLOWED_HOSTS": "127.0.0.1", "SECRET_KEY": "benchmark" * 8}
    limits = {"API_CALLS_PER_KEY": "100000000", "LOG_LEVEL": "WARNING"}
    return {**os.environ, **own, **limits, "PEER_DATABASE_URL": peer}


def prepare():
    """Give somebody the key that both servers are shown, and the latest tweets pictures."""
    os.environ.update(environment(), DJANGO_SETTINGS_MODULE="project.settings")
    import django  # noqa: PLC0415  the settings come first

    django.setup()
    from django.db import connection  # noqa: PLC0415  the same

    from twitter.models import ApiKey, Media, Tweet, User  # noqa: PLC0415  the same

    person = User.objects.filter(is_active=True).first()
    if ApiKey.objects.owner_of(KEY) is None:
        ApiKey.objects.adopt(person, "benchmark", KEY)
    Tweet.objects.filter(text=TEXT).delete()
    for tweet in Tweet.objects.feed()[: 2 * CONNECTIONS : 2]:
        picture = {"file": f"tweets/benchmark-{tweet.pk}.png", "kind": "image/png", "owner": person}
        size = {"size": 1000, "width": 640, "height": 480}
        Media.objects.get_or_create(
            token=f"benchmark-{tweet.pk}", defaults={"tweet": tweet, **picture, **size}
        )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS peer_key (key text PRIMARY KEY, person_id int)")
        cursor.execute(
            "INSERT INTO peer_key VALUES (%s, %s) ON CONFLICT DO NOTHING", [KEY, person.pk]
        )


@contextmanager
def served(name, port):
    command = f"{sys.executable} -m uvicorn {SERVERS[name]} --port {port} --no-access-log"
    process = subprocess.Popen(
        [*command.split(), "--log-level", "warning"], cwd=ROOT, env=environment()
    )
    try:
        wait(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def cpu(pid):
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait(port):
    for _ in range(300):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/api/tweets?limit=1")
        request.add_header("api-key", KEY)
        try:
            urllib.request.urlopen(request, timeout=5).read()
            return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"nothing answers on port {port}")


async def load(port, method, path, body):
    """Return the answers per second, and the median and 99th percentile of their times in ms."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\napi-key: {KEY}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    end, times = time.perf_counter() + SECONDS, []
    asking = [ask(port, head.encode() + body, end, times) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    await asyncio.gather(*asking)
    took = time.perf_counter() - began
    times.sort()
    return len(times) / took, times[len(times) // 2] * 1e3, times[len(times) * 99 // 100] * 1e3


async def ask(port, request, end, times):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (began := time.perf_counter()) < end:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200"):
            sys.exit(head.decode())
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        times.append(time.perf_counter() - began)
    writer.close()


def main():
    prepare()
    rates = {}
    with served("peer", PORT) as peer, served("ours", PORT + 1) as ours:
        for call, request in CALLS.items():
            for turn in range(ROUNDS + 1):
                for name, port, pid in (("peer", PORT, peer), ("ours", PORT + 1, ours)):
                    before = cpu(pid)
                    rate, median, late = asyncio.run(load(port, *request))
                    each = (cpu(pid) - before) / (rate * SECONDS) * 1e3
                    if turn:  # the first one warms up
                        rates.setdefault((call, name), []).append(rate)
                        took = f"{median:6.1f} {late:6.1f} ms, {each:5.2f} ms of CPU each"
                        print(f"{call:12} {name:5} {rate:7.0f}/s  {took}", flush=True)
    for call in CALLS:
        pairs = zip(rates[call, "ours"], rates[call, "peer"], strict=True)
        print(f"{call:12} ours / peer: {statistics.median(a / b for a, b in pairs):.2f}")


if __name__ == "__main__":
    main()
