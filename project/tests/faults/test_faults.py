"""What must not be lost: processes are killed at random while people write to the bot."""

import json
import random
import re
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import pytest

from project.tests.conftest import House, wait_for

pytestmark = pytest.mark.slow

Account = dict[str, Any]
MESSAGES = 40
# A process that dies five times in a minute is given up by its supervisor, as it should be.
MOST_KILLS = 4


def write(house: House, person: Account, bot: Account, sent: int) -> None:
    """Post numbered messages to the bot, each until the sandbox has taken it."""
    for number in range(sent):
        message = {"entity_type": "user", "entity_id": bot["id"], "content": f"/n{number}"}
        while True:
            try:
                house.api("POST", "/messages", person["token"], json={"message": message})
                break
            except httpx.HTTPStatusError as error:
                if error.response.status_code != 429:
                    raise
                time.sleep(0.3)
            except httpx.TransportError:
                time.sleep(0.1)


def conversation(house: House, person: Account, bot: Account) -> tuple[list[str], list[str]]:
    """Return what the person wrote and what the bot answered, as the numbers in them."""
    chats = house.api("GET", "/chats?personal=true", person["token"])
    chat = next(it for it in chats if bot["id"] in it["member_ids"])
    asked: list[str] = []
    answered: list[str] = []
    before = None
    path = f"/sandbox/chats/{chat['id']}/messages?limit=50"
    while True:
        page = house.call("GET", path + (f"&before={before}" if before else ""), person["token"])
        for message in reversed(page["messages"]):
            found = re.search(r"/(n\d+)", message["content"])
            if found:
                (answered if message["user_id"] == bot["id"] else asked).append(found[1])
        if not page["has_more"]:
            return asked[::-1], answered[::-1]
        before = page["messages"][0]["id"]


def arrived(house: House, person: Account) -> list[str]:
    """Return what the webhook took of the person's messages, in the order of arrival."""
    with closing(sqlite3.connect(house.var / "db.sqlite3")) as database:
        rows = database.execute("SELECT raw FROM bots_update ORDER BY id").fetchall()
    payloads = [json.loads(raw) for (raw,) in rows]
    return [it["content"][1:] for it in payloads if it.get("user_id") == person["id"]]


@pytest.mark.parametrize(
    "victims", [("worker",), ("web",), ("valkey",), ("worker", "web", "valkey")]
)
def test_kill_9_at_any_moment_loses_no_update_and_repeats_no_answer(
    build_house: Callable[..., House], victims: tuple[str, ...]
):
    house = build_house(JOBS_LEASE="2", BOTS_SWEEP_EVERY="1")
    world = house.world()
    bot, people = world["bots"][0], world["people"][:3]
    dice = random.Random(2)
    writers = [
        threading.Thread(target=write, args=(house, person, bot, MESSAGES), daemon=True)
        for person in people
    ]

    for writer in writers:
        writer.start()
    doomed = dice.sample(victims * MOST_KILLS, len(victims) * MOST_KILLS)
    while doomed:
        time.sleep(dice.uniform(0.5, 2))
        assert house.process.poll() is None, "the house has ended"
        if house.kill(doomed[-1]):
            doomed.pop()
    for writer in writers:
        writer.join(timeout=60)
    wait_for(lambda: house.call("GET", "/health/ready"))

    for person in people:

        def all_answered(person=person) -> bool:
            asked, answered = conversation(house, person, bot)
            return set(asked) <= set(answered)

        wait_for(all_answered, within=90, every=0.5)
        asked, answered = conversation(house, person, bot)
        assert len(set(asked)) == MESSAGES
        assert sorted(answered) == sorted(asked)
        assert answered == arrived(house, person)
