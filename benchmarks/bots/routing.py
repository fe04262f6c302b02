"""Finding and calling the handler of a message, beside aiogram with the same handlers and filters.

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install -r benchmarks/bots/requirements.txt
    .venv/bin/python benchmarks/bots/routing.py /tmp/peer/bin/python

Six routers of six handlers; the message is taken by the last of all. Nothing is stored or sent.
The peer keeps its default middlewares, among them conversations in memory.
"""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import django
import routing_tree

ROOT = Path(__file__).parents[2]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
sys.path.insert(0, str(ROOT))
django.setup()

from bots.framework.events.types import Message  # noqa: E402
from bots.framework.filters import Command, F  # noqa: E402
from bots.framework.routing.injection import Context  # noqa: E402  the apps must be loaded first
from bots.framework.routing.router import Dispatcher, Router  # noqa: E402
from bots.models import Bot  # noqa: E402

ROUNDS, TIMES = 5, 2000
PEER = Path(__file__).with_name("routing_peer.py")


async def nothing(message, bot):
    pass


async def ours():
    dispatcher = routing_tree.grow(Dispatcher(), Router, Command, F, nothing)
    bot = Bot(slug="demo")
    message = Message(id=1, user_id=1, text=routing_tree.TEXT)
    started = time.perf_counter()
    for _ in range(TIMES):
        context = Context({"message": message, "event": message, "bot": bot})
        await dispatcher.feed("message", message, context)
    return (time.perf_counter() - started) / TIMES


def theirs(python):
    done = subprocess.run([python, PEER, str(TIMES)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main(python):
    rounds = [(asyncio.run(ours()), theirs(python)) for _ in range(ROUNDS)]
    for name, seconds in zip(("ours", "aiogram"), zip(*rounds, strict=True), strict=True):
        print(f"{name:8} {median(seconds) * 1e6:7.1f} µs a message")
    print(f"ratio    {median(peer / own for own, peer in rounds):7.2f} (aiogram's time / ours)")


if __name__ == "__main__":
    main(sys.argv[1])
