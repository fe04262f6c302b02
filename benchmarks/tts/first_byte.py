"""The first byte of a long text over HTTP, spoken offline while it is listened to.

Run it in the project's folder:  .venv/bin/python -m benchmarks.tts.first_byte --rounds 20
The whole application is served by uvicorn, on a database and files of its own. Every text is new,
as long as the call takes, and asked for by a client that keeps its connection; the first request is
printed separately, because it may meet a process that has not spoken yet. The target is 300 ms.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

import httpx

from benchmarks.tts import ROOT
from benchmarks.tts.files import serve

LONGEST = 4096
SENTENCES = {
    "plain": "Сегодня мы обсудим план работы на следующую неделю, и это надолго. ",
    "mixed": (
        "Встреча 12.03.2024 в 14:30, ул. Ленина, д. 5. Цена 1 234,50 руб. за 5 кг (скидка 15%)! "
        "Пишите на a@example.com: Django 4.2 и Python, т. е. не спорьте 😀. "
    ),
}


def first_byte(client: httpx.Client, text: str, engine: str) -> float:
    """Return the seconds until the first audio, and leave."""
    asked = {"model": engine, "voice": "alloy", "input": text}
    started = time.perf_counter()
    with client.stream("POST", "/v1/audio/speech", json=asked) as answer:
        assert answer.status_code == 200, answer.read()
        next(answer.iter_raw())
        return time.perf_counter() - started


def measure(client: httpx.Client, engine: str, rounds: int) -> None:
    for kind, sentence in SENTENCES.items():
        times = []
        for number in range(rounds):
            text = f"Текст номер {number}. {sentence * 100}"[:LONGEST]
            times.append(first_byte(client, text, engine) * 1000)
            time.sleep(0.3)
        first, median, worst = times[0], statistics.median(times), max(times[1:])
        print(f"{engine} {kind:6} first {first:4.0f}  median {median:4.0f}  worst {worst:4.0f} ms")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--engine", default="rhvoice")
    options.add_argument("--port", type=int, default=8157)
    options.add_argument("--wait", type=float, default=3, help="seconds after the start")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"VAR_DIR": folder, "LOG_LEVEL": "WARNING"}
        environment |= {"DEBUG": "1", "REDIS_URL": "redis://127.0.0.1:1/0"}
        for task in ("migrate", "seed_demo"):
            command = [sys.executable, "manage.py", task]
            subprocess.run(
                command,
                cwd=ROOT,
                env={**os.environ, **environment},
                check=True,
                capture_output=True,
            )
        server = serve("project.asgi:application", given.port, str(ROOT), environment)
        time.sleep(given.wait)
        url, headers = f"http://127.0.0.1:{given.port}", {"api-key": "test"}
        try:
            with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
                measure(client, given.engine, given.rounds)
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
