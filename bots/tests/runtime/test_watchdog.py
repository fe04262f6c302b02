"""Functions that block the event loop are found, logged, counted and shown."""

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from prometheus_client import REGISTRY
from pytest_django.fixtures import SettingsWrapper

from bots.framework.routing.router import Command, Router, root
from bots.models import BlockingFunction, Update
from bots.runtime import execution
from bots.runtime.loop import Loop
from bots.services import background
from bots.services.background import service
from bots.tests.conftest import message_event


@pytest.fixture
def watched(settings: SettingsWrapper) -> Iterator[Loop]:
    settings.BOTS_BLOCKED_AFTER = 0.2
    loop = Loop(most=10, threads=1)
    yield loop
    loop.drain(0)
    loop.close()


def seen(times: int = 1) -> BlockingFunction:
    """Wait until the watchdog has written down the end of a block."""
    for _ in range(100):
        row = BlockingFunction.objects.filter(times=times, longest__gt=0).first()
        if row is not None:
            return row
        time.sleep(0.05)
    raise AssertionError("The watchdog has seen nothing.")


@pytest.mark.django_db(transaction=True)
def test_a_handler_that_blocks_the_loop_is_named_with_the_place_and_the_time(
    watched: Any, bot: Any, caplog: pytest.LogCaptureFixture
) -> None:
    router = Router()
    root.routers.insert(0, router)

    @router.message(Command("slow"))
    async def slow() -> str:
        time.sleep(0.7)
        return "done"

    raw = json.dumps(message_event(text="/slow"))
    update = Update.objects.create(bot=bot, key="k", kind="message.new", raw=raw)
    try:
        assert watched.submit(execution.run(update)).result(20).handler.endswith("slow")
    finally:
        root.routers.remove(router)
    row = seen()

    assert row.name.endswith(
        "test_a_handler_that_blocks_the_loop_is_named_with_the_place_and_the_time.<locals>.slow"
    )
    assert "time.sleep(0.7)" in row.stack
    assert "observer.py" not in row.stack
    assert 0.3 < row.longest < 5
    assert [it.levelno for it in caplog.records if it.name == "bots.runtime.watchdog"] == [
        logging.WARNING
    ] * 2
    assert "has blocked the event loop for" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_block_is_written_down_while_it_lasts_and_counted_each_time(watched: Any) -> None:
    let_go = threading.Event()

    async def holds_on() -> None:
        let_go.wait(20)

    async def once_more() -> None:
        time.sleep(0.4)

    job = watched.submit(holds_on())
    for _ in range(100):
        if BlockingFunction.objects.filter(times=1, longest=0).exists():
            break
        time.sleep(0.05)
    else:
        raise AssertionError("Nothing was written down.")
    let_go.set()
    job.result(5)

    first = seen()
    assert first.name.endswith("holds_on")
    watched.submit(once_more()).result(5)
    second = BlockingFunction.objects.exclude(pk=first.pk)
    for _ in range(100):
        if second.filter(longest__gt=0).exists():
            break
        time.sleep(0.05)
    assert second.get().name.endswith("once_more")


@pytest.mark.django_db(transaction=True)
def test_a_service_that_blocks_is_named_too(watched: Any) -> None:
    before = dict(background.registry)

    @service(every="1h")
    async def blocks() -> None:
        time.sleep(0.6)

    (name,) = background.registry.keys() - before.keys()
    background.list_services()
    watched.submit(background.run(name)).result(10)
    background.registry.pop(name)

    assert seen().name == name


@pytest.mark.django_db(transaction=True)
def test_what_waits_blocks_nothing(watched: Any) -> None:
    watched.submit(asyncio.sleep(0.8)).result(5)

    assert not BlockingFunction.objects.exists()


def test_without_a_limit_nothing_is_watched(settings: SettingsWrapper) -> None:
    settings.BOTS_BLOCKED_AFTER = 0
    loop = Loop(most=1, threads=1)

    assert not [it for it in threading.enumerate() if it.name == "bots.runtime.watchdog"]
    loop.close()


def test_the_admin_and_the_metrics_show_it(admin: Any) -> None:
    BlockingFunction.objects.create(
        name="app.handlers.slow",
        times=2,
        seconds=5.5,
        longest=4.25,
        process="host:1",
        last_at=timezone.now(),
        stack="File handlers.py, line 3",
    )
    row = BlockingFunction.objects.get()

    listed = admin.get(reverse("admin:bots_blockingfunction_changelist")).content.decode()
    page = admin.get(reverse("admin:bots_blockingfunction_change", args=[row.pk]))

    assert "app.handlers.slow" in listed
    assert "4.2" in listed
    assert "handlers.py, line 3" in page.content.decode()
    named = {"function": "app.handlers.slow"}
    assert REGISTRY.get_sample_value("svyaz_bots_loop_blocked_total", named) == 2
    assert REGISTRY.get_sample_value("svyaz_bots_loop_blocked_seconds_total", named) == 5.5
