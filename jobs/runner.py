"""The job runner: what happens to a claimed row of any kind, from its lease to the next row.

    claim -> lease -> run -> complete, or fail -> claim_next

A subclass says what its kind of job does at each step. The claim itself is a method of the rows'
manager (see jobs.rows).
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from asgiref.sync import sync_to_async

from jobs import leases
from jobs.leases import Lease
from jobs.rows import Job, LostClaim

logger = logging.getLogger(__name__)

JobRow = TypeVar("JobRow", bound=Job)
Result = TypeVar("Result")


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
            async with leases.cancel_on_loss(lease):
                result = await self._run(job)
            return await sync_to_async(self._end)(job, lease, result)
        except LostClaim:
            self._report_loss(job)
            return None
        except asyncio.CancelledError:
            await asyncio.shield(sync_to_async(self.release)(job))
            raise
        finally:
            lease.release()

    async def _run(self, job: JobRow) -> Result | Exception:
        try:
            return await self.run(job)
        except LostClaim:
            raise
        except Exception as error:
            return error


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
