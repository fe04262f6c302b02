import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, SettingsWrapper

from jobs import leases
from jobs.leases import acquire, cancel_on_loss, check_current_lease, make_current
from jobs.rows import LostClaim, State, uptime
from jobs.tests.rows import Chore, claimed, wait_until

pytestmark = pytest.mark.usefixtures("chores")


def stand_still(lease: leases.Lease, settings: Any) -> None:
    """Put the lease into the state in which a process finds it that stood still for a while."""
    lease._begin_term(uptime() - settings.JOBS_LEASE)


def test_one_statement_renews_all_leases_of_a_table(
    settings: SettingsWrapper, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [claimed(str(number)) for number in range(20)]
    with django_assert_num_queries(1):
        held, locked = leases.extend_claims(Chore, [(it.pk, it.attempts) for it in rows])

    assert sorted(held) == sorted((row.pk, 1) for row in rows)
    assert locked == []


def test_a_claim_of_another_worker_is_not_extended() -> None:
    mine, other = claimed("mine"), claimed("other")
    Chore.objects.filter(pk=other.pk).update(attempts=7)

    assert leases.extend_claims(Chore, [(mine.pk, 1), (other.pk, 1)]) == ([(mine.pk, 1)], [])


def test_leases_are_renewed_for_as_long_as_they_are_held(settings: SettingsWrapper) -> None:
    settings.JOBS_LEASE = 1.5
    held = [acquire(claimed(str(number))) for number in range(3)]

    time.sleep(2)

    assert not Chore.objects.claimable().exists()
    assert not any(lease.is_lost for lease in held)
    for lease in held:
        lease.release()
    assert wait_until(lambda: Chore.objects.claimable().count() == 3)


def test_a_lease_is_renewed_while_its_event_loop_is_blocked(settings: SettingsWrapper) -> None:
    settings.JOBS_LEASE = 1.5
    row = claimed()

    async def work() -> None:
        lease = acquire(row)
        async with cancel_on_loss(lease):
            time.sleep(2)
            await asyncio.sleep(0.01)
        lease.release()

    asyncio.run(work())

    assert Chore.objects.get().attempts == 1


def test_a_lease_counts_as_lost_a_third_before_another_worker_may_claim_the_row(
    settings: SettingsWrapper,
) -> None:
    settings.JOBS_LEASE = 30
    row = claimed()
    row.claim_started = uptime() - 19.9
    assert not leases.Lease(row).is_lost

    row.claim_started -= 0.2

    with pytest.raises(LostClaim):
        leases.Lease(row).check()


def test_work_whose_row_was_claimed_by_another_worker_is_cancelled(
    settings: SettingsWrapper,
) -> None:
    settings.JOBS_LEASE = 2
    row, reached = claimed(), []

    async def work() -> None:
        lease = acquire(row)
        async with cancel_on_loss(lease):
            reached.append("start")
            await asyncio.sleep(10)
            reached.append("end")

    Chore.objects.update(attempts=2)

    with pytest.raises(LostClaim):
        asyncio.run(work())
    assert reached == ["start"]


def test_work_is_cancelled_in_time_if_the_database_cannot_be_reached(
    settings: SettingsWrapper,
) -> None:
    settings.JOBS_LEASE = 0.6
    row = claimed()

    async def work() -> None:
        lease = acquire(row)
        leases.renewer.discard(lease)  # so it is never renewed
        async with cancel_on_loss(lease):
            await asyncio.sleep(10)

    started = time.monotonic()
    with pytest.raises(LostClaim):
        asyncio.run(work())
    assert time.monotonic() - started < 5


def test_a_process_that_stood_still_does_not_begin_and_does_not_renew(
    settings: SettingsWrapper,
) -> None:
    settings.JOBS_LEASE = 30
    lease, begun = acquire(claimed()), []
    stand_still(lease, settings)

    async def work() -> None:
        async with cancel_on_loss(lease):
            begun.append(True)

    with pytest.raises(LostClaim):
        asyncio.run(work())
    leases.renewer._renew([lease])
    assert begun == []
    assert lease.is_lost


def test_what_must_not_be_repeated_is_refused_at_once_when_the_process_stood_still(
    settings: SettingsWrapper,
) -> None:
    settings.JOBS_LEASE = 30
    lease, sent = acquire(claimed()), []

    async def send() -> None:
        check_current_lease()
        sent.append(True)

    async def work() -> None:
        async with cancel_on_loss(lease):
            await send()
            stand_still(lease, settings)  # no timer of the loop has run yet
            await send()

    with pytest.raises(LostClaim):
        asyncio.run(work())
    assert sent == [True]


def test_outside_of_jobs_and_after_the_release_nothing_is_refused(
    settings: SettingsWrapper,
) -> None:
    check_current_lease()
    lease = acquire(claimed())
    with make_current(lease):
        lease.release()
        stand_still_would_not_matter = lease.is_lost
        check_current_lease()

    assert not stand_still_would_not_matter


def test_a_timeout_of_the_work_itself_is_no_lost_claim() -> None:
    async def work() -> None:
        lease = acquire(claimed_row)
        async with cancel_on_loss(lease):
            raise TimeoutError

    claimed_row = claimed()

    with pytest.raises(TimeoutError):
        asyncio.run(work())


def test_a_thread_learns_that_its_lease_is_lost(settings: SettingsWrapper) -> None:
    settings.JOBS_LEASE = 2
    lease, noticed = acquire(claimed()), threading.Event()

    def work() -> None:
        while not lease.is_lost:
            time.sleep(0.01)
        noticed.set()

    threading.Thread(target=work, daemon=True).start()
    Chore.objects.update(attempts=2)

    assert noticed.wait(10)


def test_a_row_that_ended_is_not_renewed(settings: SettingsWrapper) -> None:
    settings.JOBS_LEASE = 2
    row = claimed()
    lease = acquire(row)

    row.finish(State.DONE)

    assert wait_until(lambda: lease.is_lost)
    ended = Chore.objects.get()
    assert (ended.state, ended.claimed_until) == (State.DONE, None)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has the clock of its process")
@pytest.mark.parametrize("hours", [-5, 5])
def test_a_worker_whose_clock_is_wrong_claims_holds_and_postpones_as_all_others(
    monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    right_now = timezone.now
    new = Chore.objects.create(name="a")
    with monkeypatch.context() as wrong_clock:
        wrong_clock.setattr(timezone, "now", lambda: right_now() + timedelta(hours=hours))
        row = Chore.objects.claim(new.pk)
        assert row is not None
        assert Chore.objects.claim(new.pk) is None
        assert Chore.objects.create(name="b").due_at < right_now() + timedelta(seconds=1)
        row.postpone(timedelta(seconds=60))

    postponed = Chore.objects.get(pk=row.pk)
    assert timedelta(seconds=50) < postponed.due_at - right_now() < timedelta(seconds=61)
    assert set(Chore.objects.claimable().values_list("name", flat=True)) == {"b"}


def test_a_lease_that_does_not_expire_is_renewed_however_late(settings: SettingsWrapper) -> None:
    settings.JOBS_LEASE = 30
    row = claimed()
    lease = acquire(row, expires=False)
    Chore.objects.update(claimed_until=timezone.now() - timedelta(seconds=5))
    stand_still(lease, settings)
    assert not lease.is_lost

    leases.renewer._renew([lease])

    assert not lease.is_lost
    assert not Chore.objects.claimable().exists()


def test_a_lease_that_does_not_expire_is_lost_to_another_worker() -> None:
    lease = acquire(claimed(), expires=False)
    Chore.objects.update(attempts=2)

    leases.renewer._renew([lease])

    assert lease.is_lost


def test_work_that_cannot_be_stopped_is_not_cancelled_in_the_middle(
    settings: SettingsWrapper,
) -> None:
    settings.JOBS_LEASE = 1
    lease, reached = acquire(claimed()), []
    leases.renewer.discard(lease)  # so it is never renewed

    async def work() -> None:
        async with cancel_on_loss(lease):
            lease.stop_expiring()
            await asyncio.sleep(1)
            reached.append("end")

    asyncio.run(work())

    assert reached == ["end"]


def test_a_lost_lease_does_not_become_valid_by_its_release(settings: SettingsWrapper) -> None:
    settings.JOBS_LEASE = 30
    late, taken = acquire(claimed("a")), acquire(claimed("b"))
    stand_still(late, settings)
    taken.lost()

    for lease in (late, taken):
        lease.release()
        with make_current(lease), pytest.raises(LostClaim):
            check_current_lease()


def test_when_the_process_ends_only_leases_on_work_that_cannot_be_stopped_are_renewed() -> None:
    acquire(claimed("a"))
    goes_on = acquire(claimed("b"), expires=False)

    leases.renewer.discard_expiring()

    assert leases.renewer._leases == {goes_on}


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no locks of rows")
def test_a_locked_row_does_not_keep_other_leases_from_being_renewed(
    settings: SettingsWrapper,
) -> None:
    settings.JOBS_LEASE = 30
    locked, free = claimed("locked"), claimed("free")
    with transaction.atomic():
        Chore.objects.select_for_update().get(pk=locked.pk)
        outcome = in_thread(lambda: leases.extend_claims(Chore, [(locked.pk, 1), (free.pk, 1)]))

    assert outcome == ([(free.pk, 1)], [(locked.pk, 1)])


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no pool")
def test_leases_are_renewed_while_jobs_use_all_connections_of_the_pool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = connection.settings_dict["OPTIONS"]
    monkeypatch.setitem(options, "pool", {"min_size": 1, "max_size": 1, "timeout": 0.1})

    def is_pooled() -> bool:
        leases._leave_connection_pool()
        return bool(connections["default"].pool)  # type: ignore[attr-defined]

    assert in_thread(is_pooled) is False


def in_thread(call: Callable[[], Any]) -> Any:
    def run() -> Any:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(run).result(10)
