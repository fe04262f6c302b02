"""What must not be lost: processes are killed at random while people write to the bot."""

import json
import random
import re
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import psutil
import pytest

from project.tests.conftest import ROOT, Instance, wait_for

pytestmark = pytest.mark.slow

Account = dict[str, Any]
MESSAGES = 40
# A process that dies five times in a minute is given up by its supervisor, as it should be.
MOST_KILLS = 4
MAX_FREEZES = 6
# Long enough that a worker which lives renews it on a busy machine; else two may send one answer.
LEASE = "5"


def write(instance: Instance, person: Account, bot: Account, sent: int) -> None:
    """Post numbered messages to the bot, each until the sandbox has taken it."""
    for number in range(sent):
        message = {"entity_type": "user", "entity_id": bot["id"], "content": f"/n{number}"}
        while True:
            try:
                instance.api("POST", "/messages", person["token"], json={"message": message})
                break
            except httpx.HTTPStatusError as error:
                if error.response.status_code != 429:
                    raise
                time.sleep(0.3)
            except httpx.TransportError:
                time.sleep(0.1)


def conversation(instance: Instance, person: Account, bot: Account) -> tuple[list[str], list[str]]:
    """Return what the person wrote and what the bot answered, as the numbers in them."""
    chats = instance.api("GET", "/chats?personal=true", person["token"])
    chat = next(it for it in chats if bot["id"] in it["member_ids"])
    asked: list[str] = []
    answered: list[str] = []
    before = None
    path = f"/sandbox/chats/{chat['id']}/messages?limit=50"
    while True:
        page = instance.call("GET", path + (f"&before={before}" if before else ""), person["token"])
        for message in reversed(page["messages"]):
            found = re.search(r"/(n\d+)", message["content"])
            if found:
                (answered if message["user_id"] == bot["id"] else asked).append(found[1])
        if not page["has_more"]:
            return asked[::-1], answered[::-1]
        before = page["messages"][0]["id"]


def arrived(instance: Instance, person: Account) -> list[str]:
    """Return what the webhook took of the person's messages, in the order of arrival."""
    with closing(sqlite3.connect(instance.var / "db.sqlite3")) as database:
        rows = database.execute("SELECT raw FROM bots_update ORDER BY id").fetchall()
    payloads = [json.loads(raw) for (raw,) in rows]
    return [it["content"][1:] for it in payloads if it.get("user_id") == person["id"]]


@pytest.mark.parametrize(
    "victims", [("worker",), ("web",), ("valkey",), ("worker", "web", "valkey")]
)
def test_kill_9_at_any_moment_loses_no_update_and_repeats_no_answer(
    build_house: Callable[..., Instance], victims: tuple[str, ...]
) -> None:
    instance = build_house(JOBS_LEASE=LEASE, BOTS_SWEEP_EVERY="1")
    world = instance.world()
    bot, people = world["bots"][0], world["people"][:3]
    dice = random.Random(2)
    writers = [
        threading.Thread(target=write, args=(instance, person, bot, MESSAGES), daemon=True)
        for person in people
    ]

    for writer in writers:
        writer.start()
    doomed = dice.sample(victims * MOST_KILLS, len(victims) * MOST_KILLS)
    while doomed:
        time.sleep(dice.uniform(0.5, 2))
        assert instance.process.poll() is None, "the instance has ended"
        if instance.kill(doomed[-1]):
            doomed.pop()
    for writer in writers:
        writer.join(timeout=60)
    wait_for(lambda: instance.call("GET", "/health/ready"))

    assert_all_answered_once(instance, people, bot)


@contextmanager
def second_worker(instance: Instance) -> Iterator[list[psutil.Process]]:
    """Start another worker beside the instance's own; yield both."""
    first = next(it for it in instance.children() if "worker" in it.cmdline())
    command = [it for it in first.cmdline() if it != "--with-beat"]
    with (instance.var / "second.log").open("wb") as log:
        second = subprocess.Popen(command, cwd=ROOT, env=first.environ(), stdout=log, stderr=log)
    try:
        yield [first, psutil.Process(second.pid)]
    finally:
        first.resume()
        second.kill()
        second.wait()


def test_workers_that_stand_still_for_longer_than_a_lease_repeat_no_answer(
    build_house: Callable[..., Instance],
) -> None:
    """As on a machine that is overloaded or suspended: other workers take the jobs over, and those
    that come round must notice it before they send anything.
    """
    instance = build_house(JOBS_LEASE=LEASE, BOTS_SWEEP_EVERY="1")
    world = instance.world()
    bot, people = world["bots"][0], world["people"][:3]
    dice = random.Random(3)
    writers = [
        threading.Thread(target=write, args=(instance, person, bot, MESSAGES), daemon=True)
        for person in people
    ]

    with second_worker(instance) as workers:
        for writer in writers:
            writer.start()
        for number in range(MAX_FREEZES):
            time.sleep(dice.uniform(0.3, 1.5))
            frozen = workers[number % 2]
            frozen.suspend()
            time.sleep(1.3 * float(LEASE))
            frozen.resume()
        for writer in writers:
            writer.join(timeout=60)
        assert_all_answered_once(instance, people, bot)


def assert_all_answered_once(instance: Instance, people: list[Account], bot: Account) -> None:
    for person in people:

        def all_answered(person: Any = person) -> bool:
            asked, answered = conversation(instance, person, bot)
            return set(asked) <= set(answered)

        wait_for(all_answered, within=90, every=0.5)
        asked, answered = conversation(instance, person, bot)
        assert len(set(asked)) == MESSAGES
        assert sorted(answered) == sorted(asked)
        assert answered == arrived(instance, person)
