"""Probes are answered in time, whatever hangs, and say which part is missing."""

import asyncio
import json
import threading
import time
from typing import Any

import pytest
from django.test import AsyncClient, Client, override_settings

from project.health import PATIENCE, Part, Unavailable, report

SECRET = "Kx3-9vQ_pL7wZr2Tn8Yb"


class Looks:
    """A part's look that counts, and does what the test says."""

    def __init__(self, error: Exception | None = None, hold: threading.Event | None = None) -> None:
        self.count = 0
        self.error = error
        self.hold = hold

    def __call__(self) -> None:
        self.count += 1
        if self.hold:
            self.hold.wait()
        if self.error:
            raise self.error


async def told(*parts: Part) -> tuple[int, dict[str, Any]]:
    response = await report(parts)
    return response.status_code, json.loads(response.content)


async def test_ready_when_every_part_is_there():
    status, body = await told(Part("database", Looks()), Part("broker", Looks()))

    assert (status, body["status"]) == (200, "ok")
    assert body["parts"]["database"]["ok"] is True
    assert body["parts"]["database"]["ms"] >= 0


async def test_the_part_that_is_missing_is_named_with_a_sentence():
    worker = Part("worker", Looks(Unavailable("No worker answers.")))

    status, body = await told(Part("database", Looks()), worker)

    assert (status, body["status"]) == (503, "unavailable")
    assert body["parts"]["database"]["ok"] is True
    assert body["parts"]["worker"]["ok"] is False
    assert body["parts"]["worker"]["error"] == "No worker answers."


async def test_what_a_library_says_about_its_failure_is_not_public():
    broker = Part("broker", Looks(ConnectionError(f"redis://:{SECRET}@10.0.0.7:6379")))

    _, body = await told(broker)

    assert body["parts"]["broker"]["error"] == "The broker cannot be used (ConnectionError)."


async def test_a_part_that_hangs_is_reported_in_time_and_looked_at_by_one_thread_alone():
    hold = threading.Event()
    look = Looks(hold=hold)
    database, broker = Part("database", look), Part("broker", Looks())

    started = time.monotonic()
    status, body = (await asyncio.gather(told(database, broker), told(database, broker)))[0]

    assert time.monotonic() - started < PATIENCE + 0.5
    assert status == 503
    assert body["parts"]["database"]["error"] == "The database does not answer in time."
    assert body["parts"]["broker"]["ok"] is True
    assert look.count == 1
    hold.set()


async def test_a_flood_of_probes_shares_one_look():
    look = Looks()
    database = Part("database", look)

    await asyncio.gather(*(told(database) for _ in range(200)))

    assert look.count == 1


async def test_a_change_is_logged_once(caplog):
    look = Looks(Unavailable("No worker answers."))
    worker = Part("worker", look)

    await told(worker)
    await told(worker)

    assert [record.message for record in caplog.records] == ["No worker answers."]


@override_settings(ALLOWED_HOSTS=["svyaz.example"], SECURE_SSL_REDIRECT=True)
async def test_live_needs_no_database_no_https_and_no_name_of_ours():
    response = await AsyncClient(headers={"host": "10.1.2.3"}).get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


def test_a_synchronous_server_answers_probes_too():
    assert Client().get("/health/live").json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/health/", "/health/else"])
async def test_there_are_no_other_probes(path):
    assert (await AsyncClient().get(path)).status_code == 404
