"""The runner: whatever happens to a worker, a job is done, and its end is written once."""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import SettingsWrapper

from jobs import leases
from jobs.leases import Lease
from jobs.rows import LostClaim, State
from jobs.runner import Runner, ThreadRunner
from jobs.tests.rows import Chore, claimed

pytestmark = pytest.mark.usefixtures("chores")

Work = Callable[[Chore], Any]


class Steps:
    """What the runner has done with which job."""

    def __init__(self, work: Work = lambda _: "result") -> None:
        self.work_of_job = work
        self.log: list[tuple[str, str]] = []

    def complete(self, job: Chore, result: str) -> None:
        self.log.append(("complete", job.name))
        job.finish(State.DONE, error=result)

    def fail(self, job: Chore, error: Exception) -> None:
        self.log.append(("fail", job.name))
        job.postpone(timedelta(0), error=repr(error))

    def claim_next(self, job: Chore) -> Chore | None:
        waiting = Chore.objects.claimable().filter(name="next").first()
        return Chore.objects.claim(waiting.pk) if waiting else None


class LoopRunner(Steps, Runner[Chore, str]):
    async def run(self, job: Chore) -> str:
        self.log.append(("run", job.name))
        result = self.work_of_job(job)
        return str(await result) if asyncio.iscoroutine(result) else result

    def release(self, job: Chore) -> None:
        self.log.append(("release", job.name))
        job.postpone(timedelta(0))


class PlainRunner(Steps, ThreadRunner[Chore, str]):
    def run(self, job: Chore, lease: Lease) -> str:
        self.log.append(("run", job.name))
        return str(self.work_of_job(job))


def work_on(runner: Any, row: Chore | None) -> None:
    async_to_sync(runner.work)(row) if isinstance(runner, Runner) else runner.work(row)


def both(work: Work = lambda _: "result") -> list[Any]:
    return [LoopRunner(work), PlainRunner(work)]


def raises(error: Exception) -> Work:
    def work(_: Chore) -> str:
        raise error

    return work


@pytest.mark.parametrize("runner", both())
def test_a_job_is_run_completed_and_followed_by_the_next(runner: Any) -> None:
    Chore.objects.create(name="next")

    work_on(runner, claimed())

    assert runner.log == [
        ("run", "a"),
        ("complete", "a"),
        ("run", "next"),
        ("complete", "next"),
    ]
    assert set(Chore.objects.values_list("state", "error")) == {(State.DONE, "result")}


@pytest.mark.parametrize("runner", both())
def test_without_a_claimed_row_nothing_happens(runner: Any) -> None:
    work_on(runner, None)

    assert runner.log == []


@pytest.mark.parametrize("runner", both(raises(ValueError("bad"))))
def test_a_failure_is_written_by_fail(runner: Any) -> None:
    work_on(runner, claimed())

    assert runner.log == [("run", "a"), ("fail", "a")]
    assert (Chore.objects.get().state, "bad" in Chore.objects.get().error) == (State.WAITING, True)


@pytest.mark.parametrize("runner", both())
def test_an_end_that_cannot_be_written_is_a_failure(runner: Any) -> None:
    runner.complete = lambda job, result: raises(ValueError("cannot be stored"))(job)

    work_on(runner, claimed())

    assert runner.log == [("run", "a"), ("fail", "a")]
    assert "cannot be stored" in Chore.objects.get().error


async def lose_claim(job: Chore) -> str:
    """Have another worker claim the row."""
    return str(await Chore.objects.filter(pk=job.pk).aupdate(attempts=7))


@pytest.mark.parametrize("runner", [LoopRunner(lose_claim), PlainRunner(async_to_sync(lose_claim))])
def test_a_worker_that_lost_its_claim_writes_nothing_and_claims_nothing(
    runner: Any, caplog: pytest.LogCaptureFixture
) -> None:
    row = claimed()
    Chore.objects.create(name="next")

    work_on(runner, row)

    assert runner.log == [("run", "a"), ("complete", "a")]
    assert Chore.objects.get(pk=row.pk).state == State.WORKING
    assert Chore.objects.get(name="next").state == State.WAITING
    assert "is left to another worker" in caplog.text


def test_a_job_whose_lease_is_lost_in_the_middle_is_cancelled(settings: SettingsWrapper) -> None:
    settings.JOBS_LEASE = 2

    async def work() -> str:
        await Chore.objects.aupdate(attempts=7)
        await asyncio.sleep(30)
        return "too late"

    runner = LoopRunner(lambda _: work())
    work_on(runner, claimed())

    assert runner.log == [("run", "a")]


def test_a_cancelled_job_is_released_at_once() -> None:
    row, started = claimed(), asyncio.Event()

    async def work() -> str:
        started.set()
        await asyncio.sleep(30)
        return "too late"

    runner = LoopRunner(lambda _: work())

    async def end_early() -> None:
        job = asyncio.create_task(runner.work(row))
        await started.wait()
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job

    async_to_sync(end_early)()

    assert runner.log == [("run", "a"), ("release", "a")]
    assert Chore.objects.claim(row.pk) is not None


def test_a_job_that_takes_several_leases_is_run_once(settings: SettingsWrapper) -> None:
    settings.JOBS_LEASE = 1.5
    attempts_of_others = []

    def work(job: Chore) -> str:
        for _ in range(10):
            time.sleep(0.3)
            attempts_of_others.append(Chore.objects.claim(job.pk))
        return "done"

    work_on(PlainRunner(work), claimed())

    assert attempts_of_others == [None] * 10
    assert (Chore.objects.get().state, Chore.objects.get().attempts) == (State.DONE, 1)


def test_after_each_job_its_lease_is_released() -> None:
    for runner in (*both(), *both(raises(ValueError()))):
        work_on(runner, claimed())

    assert not leases.renewer._leases


def expire(row: Chore) -> None:
    Chore.objects.filter(pk=row.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(
    events=st.lists(
        st.sampled_from(["ring", "die", "expire", "freeze", "end", "fail"]), max_size=25
    )
)
def test_in_any_order_of_faults_one_worker_at_a_time_holds_the_job_and_one_end_is_written(
    events: Any,
) -> None:
    """Workers claim, die, lose their lease and come back, fail and end, in any order."""
    Chore.objects.all().delete()
    pk = Chore.objects.create(name="a").pk
    holder: Chore | None = None
    frozen: list[Chore] = []
    ends = 0
    for event in [*events, "expire", "ring", "end"]:
        if event == "ring":
            if found := Chore.objects.claim(pk):
                assert holder is None, "two workers hold the job"
                holder = found
        elif holder is None:
            continue
        elif event in ("die", "freeze", "expire"):
            expire(holder)
            frozen += [holder] if event != "die" else []
            holder = None
        else:
            holder.finish(State.DONE) if event == "end" else holder.postpone(timedelta(0))
            ends += event == "end"
            holder = None
        for ghost in frozen:
            is_claimed_by_another = Chore.objects.filter(pk=pk, attempts=ghost.attempts).exists()
            if not is_claimed_by_another:
                with pytest.raises(LostClaim):
                    ghost.write(error="from the dead")

    row = Chore.objects.get()
    assert ends == 1
    assert (row.state, row.error) == (State.DONE, "")


def test_of_many_bells_for_one_job_one_runs_it() -> None:
    pk, everybody, ran = Chore.objects.create(name="a").pk, threading.Barrier(4), []
    runner = PlainRunner(lambda job: ran.append(job.attempts))

    def answer_bell() -> None:
        everybody.wait()
        try:
            runner.work(Chore.objects.claim(pk))
        finally:
            connection.close()

    workers = [threading.Thread(target=answer_bell) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert ran == [1]


def test_work_that_cancels_itself_has_failed() -> None:
    async def work() -> str:
        task = asyncio.create_task(asyncio.sleep(30))
        task.cancel()
        await task
        return "never"

    runner = LoopRunner(lambda _: work())
    work_on(runner, claimed())

    assert runner.log == [("run", "a"), ("fail", "a")]
    assert "CancelledInside" in Chore.objects.get().error


def test_an_end_is_written_although_its_worker_ends_and_the_next_row_is_put_back() -> None:
    row, ending, may_go_on = claimed(), threading.Event(), threading.Event()
    Chore.objects.create(name="next")

    class SlowToEnd(LoopRunner):
        def complete(self, job: Chore, result: str) -> None:
            ending.set()
            may_go_on.wait(10)
            super().complete(job, result)

    runner = SlowToEnd()

    async def end_early() -> None:
        job = asyncio.create_task(runner.work(row))
        await asyncio.to_thread(ending.wait, 10)
        job.cancel()
        await asyncio.sleep(0)
        may_go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await job

    async_to_sync(end_early)()

    assert runner.log == [("run", "a"), ("complete", "a"), ("release", "next")]
    assert Chore.objects.get(name="a").state == State.DONE
    assert Chore.objects.get(name="next").state == State.WAITING


def test_a_row_in_progress_that_nobody_holds_is_claimed_again() -> None:
    row = claimed()
    Chore.objects.update(claimed_until=None)

    assert Chore.objects.claim(row.pk) is not None


def test_a_claim_of_a_row_that_is_put_back_to_the_start_is_lost() -> None:
    old = claimed()
    Chore.objects.get(pk=old.pk).again()
    with pytest.raises(LostClaim):
        old.finish(State.DONE)

    new = Chore.objects.claim(old.pk)

    assert new is not None
    with pytest.raises(LostClaim):
        old.finish(State.DONE)
    new.finish(State.DONE)
