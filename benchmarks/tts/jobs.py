"""Speeches a minute, from asking to the file, with 1, 2 and 4 worker processes.

Run it in the project's folder:  .venv/bin/python -m benchmarks.tts.jobs --texts 60 --engine espeak
Each is a Celery worker as `manage.py up` starts it, speaking one text at a time. They share a
broker, a database and files of their own, which are removed; with DATABASE_URL and REDIS_URL they
work on those servers.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command

from benchmarks.tts import redis
from project.celery import app
from tts.actions import request_speech
from tts.models import Speech
from tts.synthesis import SpeechSpec


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--texts", type=int, default=40, help="for each number of workers")
    options.add_argument("--engine", default="", help="default: the best of this machine")
    given = options.parse_args()
    os.environ |= {"TTS_CONCURRENCY": "1", "LOG_LEVEL": "ERROR"}
    with redis():
        call_command("migrate", verbosity=0)
        for count in (1, 2, 4):
            with workers(count):
                measure(count, 2 * count, given.engine)  # warms up
                rate = measure(count, given.texts, given.engine)
            print(f"{count} workers: {rate:6.0f} per minute")


@contextmanager
def workers(count: int) -> Iterator[None]:
    """Have so many workers ready."""
    command = [sys.executable, "-m", "celery", "--app", "project", "--quiet", "worker"]
    names = [f"{number}@localhost" for number in range(count)]
    started = [
        subprocess.Popen(
            [*command, "--hostname", name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for name in names
    ]
    try:
        while len(app.control.ping(timeout=1)) < count:
            pass
        yield
    finally:
        for worker in started:
            worker.terminate()
        for worker in started:
            worker.wait()


def measure(workers: int, texts: int, engine: str) -> float:
    started = time.monotonic()
    for number in range(texts):
        text = f"Это текст номер {number} из {texts}, для {workers}. Ничего в нём особенного нет."
        request_speech(None, SpeechSpec(text, engine=engine))
    while Speech.objects.open().exists():
        time.sleep(0.02)
    return texts / (time.monotonic() - started) * 60


if __name__ == "__main__":
    main()
