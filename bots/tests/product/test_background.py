import asyncio
import functools
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.utils import timezone
from pytest_django.fixtures import (
    DjangoAssertNumQueries,
    DjangoCaptureOnCommitCallbacks,
    SettingsWrapper,
)

from bots import actions
from bots.models import Service, schedules
from bots.models.jobs import State
from bots.runtime.loop import Loop
from bots.services import background, threads
from bots.services.background import BadService, service
from bots.tests.conftest import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def registered() -> Iterator[None]:
    """Forget what a test registers."""
    before = dict(background.registry)
    background.registry.clear()
    yield
    background.registry.clear()
    background.registry.update(before)


def row(function: Any) -> Service:
    background.list_services()
    return Service.objects.get(name=f"{function.__module__}.{function.__qualname__}")


def run_it(function: Any) -> Service:
    one = row(function)
    Service.objects.update(due_at=timezone.now())
    run(background.run(one.name))
    return row(function)


def test_a_service_that_names_its_row_runs_under_that_name(registered: Any) -> None:
    @service(every="5m", name="shop.services.look")
    def look_around() -> None:
        """Looks around."""

    background.list_services()
    run(background.run("shop.services.look"))

    one = Service.objects.get()
    assert (one.name, one.runs) == ("shop.services.look", 1)


def test_a_service_of_the_code_gets_a_row_and_runs_when_it_is_due(registered: Any) -> None:
    ran = []

    @service(every="5m")
    async def tick() -> None:
        ran.append(1)

    before = timezone.now()
    one = run_it(tick)

    assert (ran, one.state, one.runs, one.error) == ([1], State.WAITING, 1, "")
    assert one.duration
    assert one.duration < timedelta(seconds=5)
    assert one.started_at
    assert before <= one.started_at
    assert abs(one.due_at - timedelta(minutes=5) - one.started_at) < timedelta(seconds=1)


def test_it_does_not_run_before_it_is_due_nor_when_it_is_off(registered: Any) -> None:
    ran = []

    @service(cron="0 0 1 1 *")
    def yearly() -> None:
        ran.append("yearly")

    @service(every="1s", is_on=False)
    def off() -> None:
        ran.append("off")

    for name in (row(yearly).name, row(off).name):
        run(background.run(name))

    assert ran == []


def test_one_at_a_time_over_all_machines(registered: Any) -> None:
    ran = []

    @service(every="1h")
    async def slow() -> None:
        ran.append(1)
        await asyncio.sleep(0.05)

    one = row(slow)

    async def twice() -> None:
        await asyncio.gather(background.run(one.name), background.run(one.name))

    run(twice())

    assert ran == [1]


def test_what_a_dead_worker_left_is_taken_up(registered: Any) -> None:
    ran = []

    @service(every="1h")
    def job() -> None:
        ran.append(1)

    one = row(job)
    Service.objects.claim(one.pk)
    run(background.run(one.name))
    assert ran == []

    Service.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    run(background.run(one.name))
    assert ran == [1]


def test_a_failure_is_kept_and_does_not_end_the_service(registered: Any) -> None:
    @service(every="1h")
    def fails() -> None:
        raise RuntimeError("out of milk")

    one = run_it(fails)

    assert ("out of milk" in one.error, one.failures, one.state) == (True, 1, State.WAITING)
    assert one.due_at > timezone.now()


def test_a_service_that_does_not_end_is_cut_off(registered: Any) -> None:
    @service(every="1h", limit=0.01)
    async def endless() -> None:
        await asyncio.sleep(60)

    assert "TimeoutError" in run_it(endless).error


@pytest.mark.django_db(transaction=True)
def test_a_plain_service_over_its_limit_is_reported_and_never_overlaps_itself(
    registered: Any, settings: SettingsWrapper, caplog: pytest.LogCaptureFixture
) -> None:
    settings.JOBS_LEASE = 2
    let_go, running, most = threading.Event(), [], []

    @service(every="1s", limit=0.05)
    def stuck() -> None:
        running.append(1)
        most.append(len(running))
        let_go.wait(20)
        running.pop()

    one = row(stuck)

    async def tried_again_and_again() -> Service:
        first = asyncio.create_task(background.run(one.name))
        await asyncio.sleep(3)  # more than a lease
        await Service.objects.aupdate(due_at=timezone.now())
        threads._alive.clear()  # as another host sees it: only the row counts
        await background.run(one.name)
        meanwhile = await Service.objects.aget(pk=one.pk)
        let_go.set()
        await first
        return meanwhile

    meanwhile = run(tried_again_and_again())
    ended = row(stuck)

    assert most == [1]
    assert (meanwhile.state, background.is_over_limit(meanwhile)) == (State.WORKING, True)
    assert "Still running" in meanwhile.error
    assert "let_go.wait(20)" in meanwhile.error
    assert "still running after its limit" in caplog.text
    assert (ended.state, ended.runs, ended.failures) == (State.WAITING, 1, 1)
    assert "the limit is 0.05 s" in ended.error


@pytest.mark.django_db(transaction=True)
def test_a_plain_service_keeps_its_claim_while_the_event_loop_is_blocked(
    registered: Any, settings: SettingsWrapper
) -> None:
    settings.JOBS_LEASE = 2
    let_go = threading.Event()

    @service(every="1s")
    def long() -> None:
        let_go.wait(20)

    one = row(long)

    async def blocked() -> Service | None:
        job = asyncio.create_task(background.run(one.name))
        await asyncio.sleep(0.05)
        time.sleep(3)  # what an async handler must not do
        claimed = await sync_to_async(Service.objects.claim)(one.pk)
        let_go.set()
        await job
        return claimed

    assert run(blocked()) is None


def test_a_plain_service_stays_claimed_when_its_worker_is_told_to_end(registered: Any) -> None:
    let_go = threading.Event()

    @service(every="1h")
    def long() -> None:
        let_go.wait(20)

    one = row(long)

    async def ended_early() -> None:
        job = asyncio.create_task(background.run(one.name))
        await asyncio.sleep(0.05)
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job

    run(ended_early())
    again = Service.objects.claim(one.pk)
    run(background.run(one.name))
    let_go.set()

    assert again is None


@pytest.mark.django_db(transaction=True)
def test_a_plain_service_that_is_running_does_not_delay_the_end_of_its_worker(
    registered: Any,
) -> None:
    started, let_go = threading.Event(), threading.Event()

    @service(every="1h")
    def long() -> None:
        started.set()
        let_go.wait(60)

    one = row(long)
    loop = Loop(most=1, threads=1)
    loop.spawn(background.run(one.name))
    assert started.wait(10)
    ending = time.monotonic()
    loop.drain(0.1)
    loop.close()
    took = time.monotonic() - ending
    is_running = threads.is_alive(one.name)
    let_go.set()

    assert is_running
    assert took < 10


def test_a_plain_service_for_which_there_is_no_thread_fails_and_runs_again(
    registered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = []

    @service(every="1h")
    def tick() -> None:
        ran.append(1)

    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith("service "):
            raise RuntimeError("can't start new thread")
        start(thread)

    one = row(tick)
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        run(background.run(one.name))
    assert ran == []
    assert not threads.is_alive(one.name)
    assert "can't start new thread" in row(tick).error

    Service.objects.update(due_at=timezone.now())
    run(background.run(one.name))

    assert ran == [1]


def test_a_plain_service_that_is_late_while_the_database_is_down_is_waited_for(
    registered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()

    @service(every="1h", limit=0.01)
    def long() -> None:
        let_go.wait(20)

    one = row(long)

    def fail_once(self: Service, **changes: Any) -> None:
        monkeypatch.undo()
        let_go.set()
        raise OperationalError("the database is down")

    monkeypatch.setattr(Service, "write", fail_once)
    run(background.run(one.name))

    ended = row(long)
    assert (ended.state, ended.runs, ended.failures) == (State.WAITING, 1, 1)
    assert "the limit is 0.01 s" in ended.error


def test_a_plain_wrapper_around_an_async_service_is_awaited(registered: Any) -> None:
    ran = []

    async def tick() -> None:
        ran.append(1)

    @service(every="5m")
    @functools.wraps(tick)
    def wrapper() -> object:
        return tick()

    run_it(wrapper)

    assert ran == [1]


def test_a_worker_that_is_told_to_end_leaves_the_service_to_others_at_once(registered: Any) -> None:
    started = asyncio.Event()

    @service(every="1h")
    async def long() -> None:
        started.set()
        await asyncio.sleep(60)

    one = row(long)

    async def ended_early() -> None:
        job = asyncio.create_task(background.run(one.name))
        await started.wait()
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job

    run(ended_early())

    assert Service.objects.claim(one.pk) is not None


@pytest.mark.django_db(transaction=True)
def test_a_run_whose_claim_is_lost_goes_no_further(
    registered: Any, settings: SettingsWrapper
) -> None:
    settings.JOBS_LEASE = 2
    reached = []

    @service(every="1h")
    async def long() -> None:
        await Service.objects.aupdate(attempts=7)
        reached.append("the claim of another worker")
        await asyncio.sleep(30)
        reached.append("the end")

    ended = run_it(long)

    assert reached == ["the claim of another worker"]
    assert (ended.state, ended.attempts, ended.runs) == (State.WORKING, 7, 0)


def test_the_schedule_of_the_administrator_wins_over_the_codes(registered: Any) -> None:
    @service(every="5m")
    def job() -> None:
        pass

    one = row(job)
    one.schedule = "2h"
    one.save()

    ended = run_it(job)

    assert ended.started_at
    assert abs(ended.due_at - timedelta(hours=2) - ended.started_at) < timedelta(seconds=1)


def test_when_a_worker_starts_what_is_to_run_then_is_due(registered: Any, rung: Any) -> None:
    @service(every="1d", at_start=True)
    def eager() -> None:
        pass

    @service(every="1d")
    def patient() -> None:
        pass

    names = [row(eager).name, row(patient).name]
    Service.objects.update(due_at=timezone.now() + timedelta(hours=5))

    background.start()

    assert rung == [("bots.run_service", (names[0],))]


def test_run_now_is_for_what_is_on_and_at_rest(
    registered: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, rung: Any
) -> None:
    @service(cron="0 0 1 1 *")
    def job() -> None:
        pass

    one = row(job)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.run_now(one)
    assert rung == [("bots.run_service", (one.name,))]

    Service.objects.claim(one.pk)
    assert not actions.run_now(one)
    Service.objects.update(state=State.WAITING, is_on=False)
    assert not actions.run_now(one)
    background.registry.clear()
    Service.objects.update(is_on=True)
    assert not actions.run_now(one)


@pytest.mark.parametrize("options", [{}, {"every": "5m", "cron": "* * * * *"}])
def test_a_service_has_one_schedule(options: Any) -> None:
    with pytest.raises(BadService):
        service(**options)


def test_a_wrong_schedule_is_told_when_the_code_is_loaded() -> None:
    with pytest.raises(schedules.BadSchedule):
        service(every="often")(lambda: None)


def test_a_service_takes_no_arguments(registered: Any) -> None:
    with pytest.raises(BadService, match="no arguments"):

        @service(every="5m")  # type: ignore[type-var]  # which is the point
        def job(bot: Any) -> None:
            pass


def test_the_sweep_asks_once_for_all_services(
    registered: Any, django_assert_num_queries: DjangoAssertNumQueries, rung: Any
) -> None:
    @service(every="5m")
    def one() -> None:
        pass

    @service(every="5m")
    def two() -> None:
        pass

    background.list_services()
    with django_assert_num_queries(1):
        background.ring_for_due()

    assert len(rung) == 2
