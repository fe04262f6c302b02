import pytest

from core.backoff import Backoff


def test_delays_double_up_to_the_cap() -> None:
    backoff = Backoff(first=0.5, cap=3)

    assert [backoff.delay(failures) for failures in range(5)] == [0, 0.5, 1, 2, 3]


def test_after_any_number_of_failures_the_delay_is_the_cap() -> None:
    assert Backoff(first=1, cap=60).delay(100_000) == 60


def test_a_factor_of_one_keeps_the_delay() -> None:
    assert {Backoff(first=2, factor=1).delay(failures) for failures in (1, 5)} == {2}


def test_jitter_spreads_each_delay_in_both_directions() -> None:
    delays = [Backoff(first=1, cap=4, jitter=0.25).delay(9) for _ in range(1000)]

    assert min(delays) == pytest.approx(3, abs=0.2)
    assert max(delays) == pytest.approx(5, abs=0.2)
