"""Webhooks taken a second (signed, stored, acknowledged) beside aiogram's and beside bare inserts.

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install -r benchmarks/bots/requirements.txt
    DATABASE_URL=postgres://… REDIS_URL=redis://… \
        .venv/bin/python benchmarks/bots/intake.py /tmp/peer/bin/python

Database and Redis are for this alone: the updates are deleted, and so is the queue. The servers run
on the first core, the load on the last one, the database wherever it likes. The peer, aiogram's own
aiohttp handler, stores nothing. "Bare" is one connection that inserts the same row, each in its own
commit, and eight of them. Ends with the ratios, and the times at half of what ours has taken beside
those of an insert now and then: where the disk stands still for a moment, both wait.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
PORT = int(os.environ.get("BENCHMARK_PORT", "8165"))
ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "3"))
SECONDS = 4
CONNECTIONS = 64
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "project.settings",
    "DEBUG": "0",
    "SANDBOX": "0",
    "HTTPS": "0",
    "ALLOWED_HOSTS": "127.0.0.1",
    "SECRET_KEY": "k" * 60,
    "VAR_DIR": "/tmp/svyaz-benchmark",
}
os.environ.update(PRODUCTION)

import django  # noqa: E402
import posting  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402

from bots.intake import inbox  # noqa: E402
from bots.models import Bot, Update  # noqa: E402
from launcher import programs  # noqa: E402
from project.celery import app  # noqa: E402

OURS = posting.Posts("/bots/benchmark/webhook", posting.pachca_update, posting.pachca_headers)
PEER = posting.Posts("/webhook", posting.telegram_update, posting.telegram_headers)


def main(peer_python):
    bot = prepared()
    rates = {"ours": [], "aiogram": [], "bare": [], "bare, 8 at once": []}
    for _ in range(ROUNDS):
        with server(our_command()):
            rates["ours"].append(flat_out(OURS))
        with server([peer_python, str(Path(__file__).with_name("aiogram_server.py")), str(PORT)]):
            rates["aiogram"].append(flat_out(PEER))
        rates["bare"].append(bare(bot, 1))
        rates["bare, 8 at once"].append(bare(bot, 8))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    for name, rate in medians.items():
        print(f"{name:16} {rate:7.0f}/s   ours is {medians['ours'] / rate:.2f} of it")
    with server(our_command()):
        warmed_up(OURS)
        with inserting_now_and_then(bot) as inserts:
            times = asyncio.run(posting.at_rate(PORT, OURS, medians["ours"] / 2, 8))
    report("at half load", times)
    report("an insert beside it", inserts)
    Update.objects.all().delete()
    app.control.purge()  # the rings for workers that were not there


def report(name, times):
    found = [1000 * sorted(times)[int(len(times) * part)] for part in (0.5, 0.99)]
    p50, p99, longest = *found, 1000 * max(times)
    print(f"{name}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {longest:.1f} ms, n={len(times)}")


def prepared():
    call_command("migrate", verbosity=0)
    Update.objects.all().delete()
    Bot.objects.filter(slug="benchmark").delete()
    return Bot.objects.create(slug="benchmark", name="B", signing_secret=posting.SECRET)


def our_command():
    class NoClaim:
        def note(self, *_):
            pass

    return list(programs.web("127.0.0.1", PORT, NoClaim()).command)


@contextmanager
def server(command):
    process = subprocess.Popen(
        ["taskset", "-c", "0", *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        asyncio.run(answering())
        yield
    finally:
        process.terminate()
        process.wait(20)


async def answering():
    for _ in range(200):
        try:
            await posting.connected(PORT, 1)
            return
        except OSError:
            await asyncio.sleep(0.1)
    raise SystemExit("the server did not start")


def warmed_up(posts):
    asyncio.run(posting.flat_out(PORT, posts, CONNECTIONS, 1))


def flat_out(posts):
    warmed_up(posts)
    return asyncio.run(posting.flat_out(PORT, posts, CONNECTIONS, SECONDS))


def bare(bot, at_once):
    """Return single-row inserts a second, each a commit, by so many connections."""
    counts = [0] * at_once
    end = time.perf_counter() + SECONDS

    def insert(index):
        for _ in inserts(bot, f"bare:{index}", lambda: time.perf_counter() < end):
            counts[index] += 1

    threads = [threading.Thread(target=insert, args=(index,)) for index in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


@contextmanager
def inserting_now_and_then(bot):
    """Insert a hundred rows a second meanwhile; yields the list of how long each took."""
    times, over = [], threading.Event()

    def insert():
        times.extend(inserts(bot, "beside", lambda: not over.wait(0.01)))

    thread = threading.Thread(target=insert)
    thread.start()
    try:
        yield times
    finally:
        over.set()
        thread.join()


def inserts(bot, name, goes_on):
    """Insert a row, in a commit of its own, as long as it goes on; yields how long each took."""
    update = Update(bot=bot, kind="message.new", chat="chat:1", raw='{"content": "/nothing"}')
    sql = inbox.INSERT.replace("%s", inbox.ROW, 1)
    with connection.cursor() as cursor:
        while goes_on():
            update.key = f"{name}:{time.perf_counter_ns()}"
            started = time.perf_counter()
            cursor.execute(sql, list(inbox._values(update)))
            yield time.perf_counter() - started
    connections.close_all()


if __name__ == "__main__":
    os.sched_setaffinity(0, {os.cpu_count() - 1})
    main(sys.argv[1])
