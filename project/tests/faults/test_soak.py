"""Thousands of updates while everything fails: processes killed, Pachca at its worst.

A small run is part of `make fault-test`; `make soak` has ten thousand updates. In the midst of each
run Pachca cannot be reached at all for SOAK_OUTAGE seconds.
"""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from project.tests.conftest import ROOT, Instance, running_instance, wait_for
from project.tests.faults.pachca import Outage, Pachca, pachca_server

pytestmark = pytest.mark.slow

UPDATES = int(os.environ.get("SOAK_UPDATES", "300"))
OUTAGE = float(os.environ.get("SOAK_OUTAGE", "20"))
SEED = int(os.environ.get("SOAK_SEED", "7"))
# Pachca lets a bot send six messages a second, so it takes several for some speed.
BOTS = max(10, min(50, UPDATES // 200))
PEOPLE = 5  # for each bot
WRITERS = 20
# Of each: at five in a minute the supervisor gives up, as it should.
DEATHS_A_MINUTE = 3
LEAST_KILLS = 2
SECRET = "soak"
PATIENCE = 180 + UPDATES / 5 + OUTAGE

HAS_SERVICES = """
from bots.models import Service
print(Service.objects.filter(name="bots.services.backfill").exists())
"""
PREPARE = f"""
from bots.models import Bot, Service
for n in range({BOTS}):
    Bot.objects.create(name=str(n), slug=f"bot-{{n}}", token=f"token-{{n}}",
                       signing_secret="{SECRET}", pachca_user_id=900)
backfill = Service.objects.filter(name="bots.services.backfill")
backfill.update(schedule="5s", due_at="2020-01-01T00:00Z")
"""
READ = """
import json
from bots.models import Update, Delivery
rows = Update.objects.filter(bot__slug__startswith="bot-").order_by("pk")
print(json.dumps({
    "updates": list(rows.values_list("state", "raw")),
    "open": Delivery.objects.open().count(),
    "failed": list(Delivery.objects.filter(state="failed").values_list("error", flat=True)[:5]),
}))
"""


class Soak:
    def __init__(self, instance: Instance, environment: dict[str, str], pachca: Pachca) -> None:
        self.instance = instance
        self.environment = environment
        self.pachca = pachca
        self.dice = pachca.dice
        self.kills: Counter[str] = Counter()
        self.victims = ["worker", "web", *([] if "REDIS_URL" in environment else ["valkey"])]
        self.writing_is_over = threading.Event()

    def manage(self, code: str) -> str:
        answer = subprocess.run(
            [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def write(self, mine: range) -> None:
        """Have people write; some events are sent twice, some are overtaken by the next one."""
        faults = self.pachca.faults
        held: list[tuple[int, dict[str, Any]]] = []
        for number in mine:
            bot = number % BOTS
            person = 1000 + bot * PEOPLE + number // BOTS % PEOPLE
            due = [(bot, self.pachca.written(f"token-{bot}", person, f"/n{number}")), *held]
            held = []
            if self.dice.random() < faults.overtaken:
                held = due
                continue
            if self.dice.random() < faults.sent_twice:
                due *= 2
            self._push(due)
        self._push(held)

    def _push(self, due: list[tuple[int, dict[str, Any]]]) -> None:
        for bot, event in due:
            assert self.instance.process.poll() is None, "the instance has ended"
            self.pachca.push(f"{self.instance.url}/bots/bot-{bot}/webhook", SECRET, event)

    def kill_now_and_then(self) -> None:
        """Kill one process after the other, each after the instance has recovered and worked."""
        every = 60 / DEATHS_A_MINUTE / len(self.victims)
        deck: list[str] = []
        while not self.writing_is_over.is_set() or min(self._deaths()) < LEAST_KILLS:
            assert self.instance.process.poll() is None, "the instance has ended"
            wait_for(lambda: self.instance.call("GET", "/health/ready"), within=120, every=0.5)
            time.sleep(self.dice.uniform(0.5, 1.5) * every)
            deck = deck or self.dice.sample(self.victims, len(self.victims))
            if self.instance.kill(deck[-1]):
                self.kills[deck.pop()] += 1

    def _deaths(self) -> list[int]:
        return [self.kills[victim] for victim in self.victims]

    def rows(self) -> Any:
        return json.loads(self.manage(READ).splitlines()[-1])

    def is_over(self) -> bool:
        assert self.instance.process.poll() is None, "the instance has ended"
        rows = self.rows()
        ended = sum(state in ("done", "failed") for state, _raw in rows["updates"])
        return ended == UPDATES and rows["open"] == 0


@pytest.fixture
def environment() -> dict[str, str]:
    """Say against what to run: SOAK_DATABASE_URL and SOAK_REDIS_URL, else what is embedded."""
    chosen = {name: os.environ.get(f"SOAK_{name}") for name in ("DATABASE_URL", "REDIS_URL")}
    own = {name: value for name, value in chosen.items() if value}
    return {**own, "JOBS_LEASE": "10", "BOTS_SWEEP_EVERY": "1", "SANDBOX": "0"}


def run(soak: Soak) -> float:
    """Write, kill, and wait until nothing is left to be done; return the seconds it took."""
    started = time.monotonic()
    writers = [
        threading.Thread(target=soak.write, args=(range(first, UPDATES, WRITERS),))
        for first in range(WRITERS)
    ]
    killer = threading.Thread(target=soak.kill_now_and_then)
    for thread in (killer, *writers):
        thread.start()
    for writer in writers:
        writer.join()
    soak.writing_is_over.set()
    killer.join()
    wait_for(soak.is_over, within=PATIENCE, every=2)
    return time.monotonic() - started


def test_every_update_is_handled_in_order_and_answered_once(
    environment: dict[str, str], tmp_path: Path
) -> None:
    outage = Outage(OUTAGE, after=UPDATES // 4)
    with pachca_server(random.Random(SEED), outage) as pachca:
        environment["PACHCA_API_URL"] = pachca.url
        with running_instance(tmp_path, **environment) as instance:
            own = {"VAR_DIR": str(instance.var), "DEBUG": "1"}
            own["DJANGO_SETTINGS_MODULE"] = "project.settings"
            soak = Soak(instance, environment | own, pachca)
            wait_for(lambda: "True" in soak.manage(HAS_SERVICES))
            soak.manage(PREPARE)
            took = run(soak)
            rows = soak.rows()

    arrived = [json.loads(raw) for _state, raw in rows["updates"]]
    answered = {
        chat: [message["content"].split("`")[1] for message in said]
        for chat, said in pachca.said.items()
    }
    repeated = sum(len(said) - len(set(said)) for said in answered.values())
    print(  # noqa: T201  a run by hand is made for these figures
        f"\n{UPDATES} updates in {took:.0f} s; killed: {dict(soak.kills)}; met: {dict(pachca.met)};"
        f" answers repeated: {repeated}"
    )
    assert pachca.up_again, "the outage did not come"
    assert pachca.met["502 after the outage"] > 0
    assert Counter(state for state, _raw in rows["updates"]) == {"done": UPDATES}
    assert rows["failed"] == []
    assert sum(map(len, answered.values())) - repeated == UPDATES
    for chat, said in answered.items():
        assert list(dict.fromkeys(said)) == [
            it["content"] for it in arrived if it["chat_id"] == chat
        ]
    # Only a send that was cut off between Pachca's 201 and our commit may be repeated.
    assert repeated <= soak.kills["worker"]
