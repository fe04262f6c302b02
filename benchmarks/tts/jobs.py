"""Speeches a minute, from asking to the file, with 1, 2 and 4 threads of a worker.

Run it in the project's folder:  .venv/bin/python -m benchmarks.tts.jobs --texts 60 --engine espeak
It uses a database and files of its own, which it removes.
"""

# ruff: noqa: PLC0415  Django must be set up first

import argparse
import os
import tempfile
import time


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--texts", type=int, default=40, help="for each number of threads")
    options.add_argument("--engine", default="", help="the best of this machine unless told")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "VAR_DIR": folder,
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "LOG_LEVEL": "ERROR",
        }
        rhvoice = os.path.abspath("var/rhvoice")
        os.environ.update({"RHVOICE_DIR": rhvoice, **os.environ, **environment})
        prepare()
        for threads in (1, 2, 4):
            print(f"{threads} threads: {measure(threads, given.texts, given.engine):6.0f} a minute")


def prepare() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def measure(threads: int, texts: int, engine: str) -> float:
    from tts.actions import request_speech
    from tts.crew import Crew
    from tts.models import Speech
    from tts.synthesis import Wish

    for number in range(texts):
        text = f"Это текст номер {number} из многих, для {threads}. Ничего в нём особенного нет."
        request_speech(None, Wish(text, engine=engine))
    crew, started = Crew(threads), time.monotonic()
    for _ in range(threads):
        crew.wake()
    while Speech.objects.open().exists():
        time.sleep(0.02)
    taken = time.monotonic() - started
    crew.end(5)
    return texts / taken * 60


if __name__ == "__main__":
    main()
