"""Leases: a claimed row belongs to its worker for as long as the lease is renewed.

One thread renews all leases of the process, with a statement for each table. Neither a blocked
event loop nor a busy pool of threads can make them expire.
"""

import asyncio
import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from functools import partial

from django.conf import settings
from django.db import Error, connection, connections

from jobs.database_clock import from_now
from jobs.rows import Job, LostClaim, uptime

logger = logging.getLogger(__name__)

Claims = list[tuple[int, int]]

_current: ContextVar["Lease | None"] = ContextVar("current_lease", default=None)


class Lease:
    """The exclusive right to work on a claimed row.

    It counts as lost a third of settings.JOBS_LEASE before another worker can claim the row, if it
    could not be renewed until then: a request that has left then has time to arrive before the
    other worker looks for its result. Measured by `uptime`, from before the claim or the renewal
    was sent.

    A lease that does not expire (`expires`) is lost only once another worker has claimed the row:
    for work that cannot be stopped. It is renewed however late.
    """

    def __init__(self, job: Job, expires: bool = True) -> None:
        self.job, self.expires = job, expires
        self.on_change: Callable[[], object] | None = None
        self._was_lost = False
        self._begin_term(job.claim_started)

    @property
    def valid_until(self) -> float:
        """When the lease is lost unless it is renewed, by `uptime`; infinity if it never is."""
        if self._was_lost:
            return float("-inf")
        return self._term_ends if self.expires else float("inf")

    @property
    def is_lost(self) -> bool:
        """Whether the lease has expired or was taken over."""
        return uptime() >= self.valid_until

    def check(self) -> None:
        """Raise LostClaim if the lease is lost."""
        if self.is_lost:
            raise LostClaim

    def release(self) -> None:
        """Stop renewing. From now on the lease is not lost, unless it was before."""
        renewer.discard(self)
        if not self.is_lost:
            self.expires = False

    def stop_expiring(self) -> None:
        """Make it a lease that does not expire, because work has begun that cannot be stopped."""
        self.check()
        self.expires = False
        self._report_change()

    def renewed(self, started: float) -> None:
        """Begin a new term; `started` is when the renewal was sent, by `uptime`."""
        self._begin_term(started)
        self._report_change()

    def lost(self) -> None:
        """Mark the lease as lost: another worker has claimed the row, or it is too late."""
        self._was_lost = True
        self._report_change()

    def _begin_term(self, started: float) -> None:
        self._term_ends = started + settings.JOBS_LEASE * 2 / 3
        self.renew_at = started + settings.JOBS_LEASE / 4

    def _report_change(self) -> None:
        if report := self.on_change:
            with suppress(RuntimeError):  # the event loop has been closed
                report()


def acquire(job: Job, expires: bool = True) -> Lease:
    """Return a lease on a row that was just claimed; it is renewed until `release`."""
    lease = Lease(job, expires)
    renewer.add(lease)
    return lease


def current_lease() -> Lease | None:
    """Return the lease of the job that is running here; None outside of jobs."""
    return _current.get()


def check_current_lease() -> None:
    """Raise LostClaim if the job that is running here has lost its lease.

    To be called immediately before an effect that another worker would repeat. Outside of jobs it
    does nothing.
    """
    if lease := _current.get():
        lease.check()


@contextmanager
def make_current(lease: Lease) -> Iterator[None]:
    """Make it the lease that `check_current_lease` checks."""
    token = _current.set(lease)
    try:
        yield
    finally:
        _current.reset(token)


@asynccontextmanager
async def cancel_on_loss(lease: Lease) -> AsyncIterator[None]:
    """Cancel the block when the lease is lost, and raise LostClaim."""
    lease.check()
    loop = asyncio.get_running_loop()

    def find_deadline() -> float | None:
        left = lease.valid_until - uptime()
        return None if left == float("inf") else loop.time() + max(0.0, left)

    def reschedule() -> None:
        if lease.on_change is not None and not timeout.expired():
            timeout.reschedule(find_deadline())

    try:
        with make_current(lease):
            async with asyncio.timeout_at(find_deadline()) as timeout:
                lease.on_change = partial(loop.call_soon_threadsafe, reschedule)
                try:
                    yield
                finally:
                    lease.on_change = None
    except TimeoutError:
        if timeout.expired():
            raise LostClaim from None
        raise


class LeaseRenewer:
    """Renews leases in a thread, which starts with the first of them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._leases: set[Lease] = set()
        self._wakes_at = float("inf")
        self._thread: threading.Thread | None = None

    def add(self, lease: Lease) -> None:
        """Renew a lease until it is discarded."""
        with self._changed:
            self._leases.add(lease)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
                self._thread.start()
            elif lease.renew_at < self._wakes_at:
                self._changed.notify()

    def discard(self, lease: Lease) -> None:
        """Stop renewing a lease."""
        with self._changed:
            self._leases.discard(lease)

    def discard_expiring(self) -> None:
        """Stop renewing all leases that expire: the process ends, whatever its jobs do."""
        with self._changed:
            self._leases = {it for it in self._leases if not it.expires}

    def _run(self) -> None:
        _leave_connection_pool()
        while True:
            try:
                self._renew(self._wait_for_due())
            except Exception:
                logger.exception("Leases could not be renewed.")
                time.sleep(settings.JOBS_LEASE / 12)

    def _wait_for_due(self) -> list[Lease]:
        """Wait until a lease has to be renewed; return all for which it is about time."""
        with self._changed:
            while True:
                self._wakes_at = min((it.renew_at for it in self._leases), default=float("inf"))
                pause = self._wakes_at - uptime()
                if pause <= 0:
                    break
                self._changed.wait(pause if pause < threading.TIMEOUT_MAX else None)
            soon = uptime() + settings.JOBS_LEASE / 8
            return [it for it in self._leases if it.renew_at <= soon]

    def _renew(self, leases: Iterable[Lease]) -> None:
        by_model: defaultdict[type[Job], list[Lease]] = defaultdict(list)
        for lease in leases:
            if lease.is_lost:
                # The process stood still. Renewing now would only keep other workers from the row.
                self._lose(lease)
            else:
                by_model[type(lease.job)].append(lease)
        try:
            for model, held in by_model.items():
                self._renew_rows(model, held)
        finally:
            connections.close_all()

    def _renew_rows(self, model: type[Job], leases: list[Lease]) -> None:
        started = uptime()
        try:
            renewed, locked = extend_claims(model, [(it.job.pk, it.job.attempts) for it in leases])
        except Error as error:
            logger.warning("%d leases could not be renewed: %s", len(leases), error)
            _renew_later(leases)
            return
        for lease in leases:
            claim = (lease.job.pk, lease.job.attempts)
            if claim in renewed:
                lease.renewed(started)
            elif claim in locked:
                _renew_later([lease])
            else:
                self._lose(lease)

    def _lose(self, lease: Lease) -> None:
        with self._changed:
            is_held = lease in self._leases  # else it was released meanwhile
            self._leases.discard(lease)
        if is_held:
            lease.lost()


def extend_claims(model: type[Job], claims: Claims) -> tuple[Claims, Claims]:
    """Extend the claims, each a primary key and `attempts`, by a lease.

    Return those that were extended, and those that hold but whose rows are locked: a transaction
    that keeps one row locked must not keep the others from being renewed.
    """
    (until, params), table = from_now(settings.JOBS_LEASE), model._meta.db_table
    ids, pairs = ", ".join(["%s"] * len(claims)), ", ".join(["(%s, %s)"] * len(claims))
    # SQLite does not use the primary key to search for pairs.
    holds = f"id IN ({ids}) AND (id, attempts) IN (VALUES {pairs}) AND claimed_until IS NOT NULL"
    values = [pk for pk, _attempts in claims] + [it for claim in claims for it in claim]
    find = f"SELECT id, attempts FROM {table} WHERE {holds}"  # noqa: S608  names of columns
    skip_locked = (
        "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    )
    extend = f"""
        WITH held AS ({find} {skip_locked})
        UPDATE {table} SET claimed_until = {until} WHERE id IN (SELECT id FROM held)
        RETURNING id, attempts
        """  # noqa: S608  names of columns
    with connection.cursor() as cursor:
        cursor.execute(extend, [*values, *params])
        extended = cursor.fetchall()
        if len(extended) == len(claims) or not skip_locked:
            return extended, []
        cursor.execute(find, values)
        return extended, [it for it in cursor.fetchall() if it not in extended]


def _renew_later(leases: Iterable[Lease]) -> None:
    for lease in leases:
        lease.renew_at = uptime() + settings.JOBS_LEASE / 12


def _leave_connection_pool() -> None:
    """Give this thread connections of its own: jobs may use all of the pool's."""
    for alias in connections:
        own = connections.create_connection(alias)
        options = own.settings_dict["OPTIONS"]
        if "pool" in options:
            own.settings_dict = {**own.settings_dict, "OPTIONS": {**options, "pool": False}}
            connections[alias] = own


renewer = LeaseRenewer()


def _renew_in_child() -> None:
    global renewer
    renewer = LeaseRenewer()


os.register_at_fork(after_in_child=_renew_in_child)
