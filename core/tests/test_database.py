from typing import Any

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError

from core.database import is_outage


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OperationalError("couldn't get a connection after 1.00 sec"), True),
        (OperationalError("database is locked"), True),
        (InterfaceError("connection already closed"), True),
        (OperationalError("no such table: twitter_tweet"), False),
        (IntegrityError("duplicate key"), False),
        (ConnectionError(), False),
        (None, False),
    ],
)
def test_only_an_error_that_may_pass_is_an_outage(error: Any, expected: bool) -> None:
    assert is_outage(error) is expected
