"""Time from a message at the webhook to its answer at Pachca, with the whole instance running.

    .venv/bin/python benchmarks/bots/latency.py                       # SQLite, embedded Valkey
    DATABASE_URL=postgres://… REDIS_URL=redis://… .venv/bin/python benchmarks/bots/latency.py

Starts `manage.py up` with a var/ of its own, and a Pachca that answers at once. Database and Redis
are for this alone: workers of another instance on the same Redis would take half of the jobs. The
peer in the same run is the webhook's own 200, so the ratio says what queue, worker, handler and
delivery cost on top of it.
"""

import hashlib
import hmac
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from project.tests.faults.pachca import Faults, pachca_server  # noqa: E402

PORT = int(os.environ.get("BENCHMARK_PORT", "8166"))
BOTS, MESSAGES, A_SECOND = 20, 300, 10
SECRET = "benchmark" * 8
PREPARE = f"""
from bots.models import Bot
Bot.objects.filter(slug__startswith="latency-").delete()
for n in range({BOTS}):
    Bot.objects.create(name=str(n), slug=f"latency-{{n}}", token=f"latency-{{n}}",
                       signing_secret="{SECRET}", pachca_user_id=900)
"""


def main():
    with pachca_server(random.Random(1)) as pachca, instance(pachca, PREPARE):
        measure(pachca)


@dataclass
class Instance:
    """What runs: `shell` runs code in there."""

    pid: int
    shell: Callable[[str], object]

    def cpu(self):
        """Return the seconds of CPU that each program has had so far, ourselves among them."""
        programs = {"uvicorn": "web", "worker": "worker"}
        spent = {"Pachca and load": time.process_time()}
        for process in psutil.Process(self.pid).children():
            words = process.cmdline()
            for name in (programs[word] for word in words if word in programs):
                spent[name] = sum(process.cpu_times()[:2])
        return spent


@contextmanager
def instance(pachca, prepare):
    """Run everything on a var/ of its own, with this Pachca."""
    pachca.faults = Faults(*[0.0] * 7)
    with tempfile.TemporaryDirectory() as var:
        environment = {
            **os.environ,
            "VAR_DIR": var,
            "PORT": str(PORT),
            "PACHCA_API_URL": pachca.url,
            "DEBUG": "1",
            "SECRET_KEY": SECRET,  # a database may hold the bots of an earlier run
            "SANDBOX": "0",
        }
        manage = [sys.executable, "manage.py"]
        up = subprocess.Popen([*manage, "up"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            until_ready()
            shell = partial(subprocess.run, cwd=ROOT, env=environment, check=True)
            shell([*manage, "shell", "-v0", "-c", prepare])
            yield Instance(up.pid, lambda code: shell([*manage, "shell", "-v0", "-c", code]))
        finally:
            up.terminate()
            up.wait(20)


def until_ready():
    for _ in range(600):
        try:
            if httpx.get(f"http://127.0.0.1:{PORT}/health/ready").is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise SystemExit("the instance did not start")


def measure(pachca):
    with httpx.Client(timeout=30) as client:
        measure_by(client, pachca)


def measure_by(client, pachca):
    for number in range(BOTS):
        client.post(**webhook(pachca, number, "/hello"))  # warms up
    time.sleep(3)
    acknowledged, answered = {}, {}
    carry_out = pachca._carry_out

    def noted(message):
        answered[message["entity_id"]] = time.perf_counter()
        return carry_out(message)

    pachca._carry_out = noted
    started, threads = {}, []

    def write(person):
        post = webhook(pachca, person, "/hello")
        started[person] = time.perf_counter()
        client.post(**post).raise_for_status()
        acknowledged[person] = time.perf_counter()

    for number in range(MESSAGES):
        thread = threading.Thread(target=write, args=(10_000 + number,))
        thread.start()
        threads.append(thread)
        time.sleep(1 / A_SECOND)
    for thread in threads:
        thread.join()
    deadline = time.monotonic() + 30
    while len(answered) < MESSAGES and time.monotonic() < deadline:
        time.sleep(0.1)
    if missing := len(started.keys() - answered.keys()):
        raise SystemExit(f"{missing} of {MESSAGES} answers have not come: are there other workers?")
    peer = report("webhook's 200", [acknowledged[it] - at for it, at in started.items()])
    ours = report("answer", [answered[it] - at for it, at in started.items()])
    print(f"the answer takes {ours / peer:.1f} times as long as the 200")


def webhook(pachca, person, text):
    """Return the request that tells a bot, one of them in turn, what the person has written."""
    bot = f"latency-{person % BOTS}"
    body = json.dumps(pachca.written(bot, person, text)).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {
        "url": f"http://127.0.0.1:{PORT}/bots/{bot}/webhook",
        "content": body,
        "headers": {"Pachca-Signature": signature},
    }


def report(name, seconds):
    ordered = sorted(1000 * it for it in seconds)
    p50, p99 = statistics.median(ordered), ordered[int(len(ordered) * 0.99) - 1]
    print(f"{name:14} p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  n={len(ordered)}")
    return p50


if __name__ == "__main__":
    main()
