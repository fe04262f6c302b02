"""Ids that sort by time."""

from sandbox.ulid import ALPHABET, new_ulid


def test_each_id_is_above_all_made_before() -> None:
    ids = [new_ulid() for _ in range(1000)]

    assert ids == sorted(set(ids))
    assert all(len(each) == 26 and set(each) <= set(ALPHABET) for each in ids)
