"""A hundred chats whose handlers each wait a second on the network, with one worker.

    .venv/bin/python benchmarks/bots/chats.py                       # SQLite, embedded Valkey
    DATABASE_URL=postgres://… REDIS_URL=redis://… .venv/bin/python benchmarks/bots/chats.py

Starts an instance as latency.py does. The command is a text with a name in it, and this Pachca
takes a second to return a name. The peer in the same run is one chat alone; one after the other, a
hundred would take a hundred times as long.
"""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import latency

from project.tests.faults.pachca import pachca_server

CHATS, WAIT, ROUNDS = 100, 1.0, 3
PREPARE = f"""{latency.PREPARE}
from bots.models import Command
for bot in Bot.objects.filter(slug__startswith="latency-"):
    Command.objects.create(bot=bot, name="who", action="text", text="You are {{name}}.")
"""


HANDLED = f"""
from bots.models import Update
rows = Update.objects.order_by("-pk")[:{CHATS}]
came, ended = zip(*rows.values_list("created_at", "finished_at"))
took = (max(ended) - min(came)).total_seconds()
print(f"  all {CHATS} handlers had ended {{took:.2f}} s after the first webhook", flush=True)
"""


def main():
    with pachca_server(random.Random(1)) as pachca, latency.instance(pachca, PREPARE) as instance:
        at_once = pachca.answer
        pachca.answer = lambda verb, path, *rest: (
            profile() if path.startswith("/users/") else at_once(verb, path, *rest)
        )
        people = iter(range(10_000, 20_000))
        until_answered(pachca, [next(people) for _ in range(latency.BOTS)])  # warms up
        time.sleep(3)
        for _ in range(ROUNDS):
            one = until_answered(pachca, [next(people)])
            before = instance.cpu()
            all_of_them = until_answered(pachca, [next(people) for _ in range(CHATS)])
            time.sleep(0.3)  # what is to be done after the last answer
            after = instance.cpu()
            print(
                f"one chat answered in {one:.2f} s, {CHATS} in {all_of_them:.2f} s:"
                f" {all_of_them / one:.1f} times as long",
                flush=True,
            )
            instance.shell(HANDLED)
            each = ", ".join(
                f"{name} {1000 * (after[name] - before[name]) / CHATS:.1f} ms" for name in after
            )
            print(f"  CPU for each: {each}", flush=True)
            time.sleep(5)  # for the limits of sending to pass


def profile():
    time.sleep(WAIT)
    return 200, {}, {"data": {"first_name": "somebody"}}


def until_answered(pachca, people):
    """Write from all these people at once; return the seconds until the last was answered."""
    posts = [latency.webhook(pachca, person, "/who") for person in people]
    started = time.perf_counter()
    with httpx.Client(timeout=30) as client, ThreadPoolExecutor(20) as pool:
        answers = pool.map(lambda post: client.post(**post).raise_for_status(), posts)
        assert len(list(answers)) == len(people)
        while not all(person in pachca.said for person in people):
            time.sleep(0.01)
            if time.perf_counter() - started > 60:
                raise SystemExit("not everybody was answered: are there other workers?")
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
