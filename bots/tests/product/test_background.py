import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from bots import actions, background, schedules
from bots.background import BadService, service
from bots.jobs import State
from bots.models import Service
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


def row(function) -> Service:
    background.list_services()
    return Service.objects.get(name=f"{function.__module__}.{function.__qualname__}")


def run_it(function) -> Service:
    one = row(function)
    Service.objects.update(due_at=timezone.now())
    run(background.run(one.name))
    return row(function)


def test_a_service_of_the_code_gets_a_row_and_runs_when_it_is_due(registered):
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
    assert before <= one.started_at == one.due_at - timedelta(minutes=5)


def test_it_does_not_run_before_it_is_due_nor_when_it_is_off(registered):
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


def test_one_at_a_time_over_all_machines(registered):
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


def test_what_a_dead_worker_left_is_taken_up(registered):
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


def test_a_failure_is_kept_and_does_not_end_the_service(registered):
    @service(every="1h")
    def fails() -> None:
        raise RuntimeError("out of milk")

    one = run_it(fails)

    assert ("out of milk" in one.error, one.failures, one.state) == (True, 1, State.WAITING)
    assert one.due_at > timezone.now()


def test_a_service_that_does_not_end_is_cut_off(registered):
    @service(every="1h", limit=0.01)
    async def endless() -> None:
        await asyncio.sleep(60)

    assert "TimeoutError" in run_it(endless).error


def test_a_worker_that_is_told_to_end_leaves_the_service_to_others_at_once(registered):
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


def test_a_run_whose_claim_is_lost_goes_no_further(registered, settings):
    settings.JOBS_LEASE = 0.1
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


def test_the_schedule_of_the_administrator_wins_over_the_codes(registered):
    @service(every="5m")
    def job() -> None:
        pass

    one = row(job)
    one.schedule = "2h"
    one.save()

    ended = run_it(job)

    assert ended.due_at - timedelta(hours=2) == ended.started_at


def test_when_a_worker_starts_what_is_to_run_then_is_due(registered, rung):
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
    registered, django_capture_on_commit_callbacks, rung
):
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
def test_a_service_has_one_schedule(options):
    with pytest.raises(BadService):
        service(**options)


def test_a_wrong_schedule_is_told_when_the_code_is_loaded():
    with pytest.raises(schedules.BadSchedule):
        service(every="often")(lambda: None)


def test_a_service_takes_no_arguments(registered):
    with pytest.raises(BadService, match="no arguments"):

        @service(every="5m")  # type: ignore[type-var]  # which is the point
        def job(bot) -> None:
            pass


def test_the_sweep_asks_once_for_all_services(registered, django_assert_num_queries, rung):
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
