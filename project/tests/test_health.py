"""Probes are answered in time, whatever hangs, and say which part is missing."""

import asyncio
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.test import AsyncClient, Client, override_settings
from pytest_django.fixtures import SettingsWrapper

from accounts.directory.services import NAME
from bots.models import Bot, Service
from bots.runtime import outages
from core.health import Part, Unavailable, report
from project.health import PARTS, check_directory
from realtime.endpoints.websocket import EventConsumer
from realtime.register import EventRegister

SECRET = "Kx3-9vQ_pL7wZr2Tn8Yb"
HANGS_FOR = 60.0


class Looks:
    """A part's look that counts, and does what the test says."""

    def __init__(self, error: Exception | None = None, hold: threading.Event | None = None) -> None:
        self.count = 0
        self.error = error
        self.hold = hold

    def __call__(self) -> None:
        self.count += 1
        if self.hold:
            self.hold.wait(HANGS_FOR)
        if self.error:
            raise self.error


async def read_report(*parts: Part) -> tuple[int, dict[str, Any]]:
    response = await report(parts)
    return response.status_code, json.loads(response.content)


async def test_ready_when_every_part_is_there() -> None:
    status, body = await read_report(Part("database", Looks()), Part("broker", Looks()))

    assert (status, body["status"]) == (200, "ok")
    assert body["parts"]["database"]["ok"] is True
    assert body["parts"]["database"]["ms"] >= 0


async def test_the_part_that_is_missing_is_named_with_a_sentence() -> None:
    worker = Part("worker", Looks(Unavailable("No worker responds.")))

    status, body = await read_report(Part("database", Looks()), worker)

    assert (status, body["status"]) == (503, "unavailable")
    assert body["parts"]["database"]["ok"] is True
    assert body["parts"]["worker"]["ok"] is False
    assert body["parts"]["worker"]["error"] == "No worker responds."


async def test_an_optional_part_that_is_missing_degrades_the_site_but_leaves_it_ready() -> None:
    pachca = Part("pachca", Looks(Unavailable("Pachca is down.")), is_optional=True)

    status, body = await read_report(Part("database", Looks()), pachca)

    assert (status, body["status"]) == (200, "degraded")
    assert body["parts"]["pachca"]["error"] == "Pachca is down."


@pytest.mark.django_db
@pytest.mark.parametrize(("in_sandbox", "count"), [(False, 1), (True, 0)])
def test_an_outage_that_the_bots_noted_is_shown(in_sandbox: bool, count: int) -> None:
    Bot.objects.create(name="Well", slug="well")
    bot = Bot.objects.create(name="Cut off", slug="cut-off", in_sandbox=in_sandbox)
    assert outages.describe_outages() == ""

    outages.report_outage(bot, "Could not connect")

    assert ("Pachca is unavailable for 1 of 2 bots" in outages.describe_outages()) == bool(count)
    assert any(part.name == "pachca" and part.is_optional for part in PARTS)


async def test_what_a_library_says_about_its_failure_is_not_public() -> None:
    broker = Part("broker", Looks(ConnectionError(f"redis://:{SECRET}@10.0.0.7:6379")))

    _, body = await read_report(broker)

    assert body["parts"]["broker"]["error"] == "The broker cannot be used (ConnectionError)."


async def test_a_part_that_hangs_is_reported_in_time_and_looked_at_by_one_thread_alone() -> None:
    hold = threading.Event()
    look = Looks(hold=hold)
    database, broker = Part("database", look), Part("broker", Looks())

    started = time.monotonic()
    status, body = (
        await asyncio.gather(read_report(database, broker), read_report(database, broker))
    )[0]

    assert time.monotonic() - started < HANGS_FOR
    assert status == 503
    assert body["parts"]["database"]["error"] == "The database does not answer in time."
    assert body["parts"]["broker"]["ok"] is True
    assert look.count == 1
    hold.set()


async def test_a_flood_of_probes_shares_one_look() -> None:
    look = Looks()
    database = Part("database", look)

    await asyncio.gather(*(read_report(database) for _ in range(200)))

    assert look.count == 1


async def test_a_change_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    look = Looks(Unavailable("No worker responds."))
    worker = Part("worker", look)

    await read_report(worker)
    await read_report(worker)

    assert [record.message for record in caplog.records] == ["No worker responds."]


@override_settings(ALLOWED_HOSTS=["svyaz.example"], SECURE_SSL_REDIRECT=True)
async def test_live_needs_no_database_no_https_and_no_name_of_ours() -> None:
    response = await AsyncClient(headers={"host": "10.1.2.3"}).get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


def test_a_synchronous_server_answers_probes_too() -> None:
    assert Client().get("/health/live").json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/health/", "/health/else"])
async def test_there_are_no_other_probes(path: str) -> None:
    assert (await AsyncClient().get(path)).status_code == 404


async def test_an_interrupted_subscription_is_named(
    settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (part,) = [each for each in PARTS if each.name == "subscription"]
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    monkeypatch.setattr("project.health.MAX_INTERRUPTION", 0.05)
    client = WebsocketCommunicator(EventConsumer.as_asgi(EventRegister(anonymous=True)), "/ws")
    fine, _ = await read_report(part)
    await client.connect()
    await asyncio.sleep(0.1)

    status, body = await read_report(Part(part.name, part._check))

    assert (fine, status) == (200, 503)
    error = body["parts"]["subscription"]["error"]
    assert error == "Events from other processes are not received."
    await client.disconnect(timeout=5)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("bot", "error", "is_told"),
    [
        ("staff", "ValueError: secret", True),
        ("staff", "", False),
        ("", "ValueError", False),
    ],
)
def test_a_directory_sync_that_fails_is_told(
    bot: str, error: str, is_told: bool, settings: SettingsWrapper
) -> None:
    settings.DIRECTORY_BOT = bot
    Service.objects.create(name=NAME, error=error)

    if is_told:
        with pytest.raises(Unavailable, match="See the service") as told:
            check_directory()
        assert "secret" not in str(told.value)
    else:
        check_directory()
    assert any(part.name == "directory" and part.is_optional for part in PARTS)
