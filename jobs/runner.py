"""The job runner: what happens to a claimed row of any kind, from its lease to the next row.

    claim -> lease -> run -> complete, or fail -> claim_next

A subclass says what its kind of job does at each step. The claim itself is a method of the rows'
manager (see jobs.rows).
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

from asgiref.sync import sync_to_async

from jobs import leases
from jobs.leases import Lease
from jobs.rows import Job, LostClaim

logger = logging.getLogger(__name__)

JobRow = TypeVar("JobRow", bound=Job)
Result = TypeVar("Result")


class CancelledInside(Exception):
    """The work cancelled itself: something that it awaited was cancelled."""


async def fail_if_cancelled_inside(work: Coroutine[Any, Any, Result]) -> Result:
    """Return what the work returns; raise CancelledInside if it was cancelled, but not this task.

    A cancellation means that the process ends. One that comes from inside the work, for example
    from a task that it awaits, is a failure like any other.
    """
    try:
        return await work
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and not task.cancelling():
            raise CancelledInside(CancelledInside.__doc__) from error
        raise


class BaseRunner(ABC, Generic[JobRow, Result]):
    """The steps in which kinds of jobs differ, apart from the work itself.

    All of them are called in a thread with a database connection. Each may raise LostClaim.
    """

    @abstractmethod
    def complete(self, job: JobRow, result: Result) -> None:
        """Write the end of a job whose work has returned `result`."""

    @abstractmethod
    def fail(self, job: JobRow, error: Exception) -> None:
        """Write that the work has raised `error`: the job is retried later, or given up."""

    def fail_to_complete(self, job: JobRow, error: Exception) -> None:
        """Write that `complete` or `fail` has raised `error`: by default a failure of the job."""
        self.fail(job, error)

    def claim_next(self, job: JobRow) -> JobRow | None:
        """Claim the row that this worker continues with after `job`; by default there is none."""
        return None

    def _end(self, job: JobRow, lease: Lease, result: Result | Exception) -> JobRow | None:
        """Write the end and claim the next row: together, because each hop to a thread costs more
        than either.
        """
        lease.release()
        try:
            if isinstance(result, Exception):
                self.fail(job, result)
            else:
                self.complete(job, result)
        except LostClaim:
            raise
        except Exception as error:
            self.fail_to_complete(job, error)
        return self.claim_next(job)

    def _report_loss(self, job: JobRow) -> None:
        logger.warning("%s %s is left to another worker.", type(job).__name__, job.pk)


class Runner(BaseRunner[JobRow, Result]):
    """Runs jobs on an event loop. Work that has lost its lease is cancelled."""

    @abstractmethod
    async def run(self, job: JobRow) -> Result:
        """Do the work. Called once per claim; nothing that it returns or raises is written yet."""

    def release(self, job: JobRow) -> None:
        """Give the job back, because this process is to end and its work was cancelled.

        By default nothing is written: the row can be claimed again when its lease has expired.
        """

    async def work(self, job: JobRow | None) -> None:
        """Work on the claimed row, and then on those that `claim_next` returns."""
        while job is not None:
            job = await self._work_on(job)

    async def _work_on(self, job: JobRow) -> JobRow | None:
        lease = leases.acquire(job)
        try:
            result = await self._run_leased(job, lease)
            return await self._end_uncancelled(job, lease, result)
        except LostClaim:
            self._report_loss(job)
            return None
        finally:
            lease.release()

    async def _run_leased(self, job: JobRow, lease: Lease) -> Result | Exception:
        try:
            async with leases.cancel_on_loss(lease):
                return await self._run(job)
        except asyncio.CancelledError:
            await self._put_back(job)
            raise

    async def _run(self, job: JobRow) -> Result | Exception:
        try:
            return await fail_if_cancelled_inside(self.run(job))
        except LostClaim:
            raise
        except Exception as error:
            return error

    async def _end_uncancelled(
        self, job: JobRow, lease: Lease, result: Result | Exception
    ) -> JobRow | None:
        """Write the end, also if this task is cancelled meanwhile: the work is done."""
        ending = asyncio.ensure_future(sync_to_async(self._end)(job, lease, result))
        try:
            return await asyncio.shield(ending)
        except asyncio.CancelledError:
            if next_job := await ending:
                await self._put_back(next_job)
            raise

    async def _put_back(self, job: JobRow) -> None:
        await asyncio.shield(sync_to_async(self.release)(job))


class ThreadRunner(BaseRunner[JobRow, Result]):
    """Runs jobs in the calling thread. Work should check now and then whether its lease is lost."""

    @abstractmethod
    def run(self, job: JobRow, lease: Lease) -> Result:
        """Do the work. Called once per claim; nothing that it returns or raises is written yet."""

    def work(self, job: JobRow | None) -> None:
        """Work on the claimed row, and then on those that `claim_next` returns."""
        while job is not None:
            job = self._work_on(job)

    def _work_on(self, job: JobRow) -> JobRow | None:
        lease = leases.acquire(job)
        try:
            with leases.make_current(lease):
                result = self._run(job, lease)
            return self._end(job, lease, result)
        except LostClaim:
            self._report_loss(job)
            return None
        finally:
            lease.release()

    def _run(self, job: JobRow, lease: Lease) -> Result | Exception:
        try:
            return self.run(job, lease)
        except LostClaim:
            raise
        except Exception as error:
            return error
