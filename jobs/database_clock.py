"""The clock of the database, which all hosts share: claims and leases depend on no host's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, models
from django.utils import timezone

_FIELD = models.DateTimeField()

_offset = 0.0


@contextmanager
def advanced_by(seconds: float) -> Iterator[None]:
    """Take the time of a database server for `seconds` later, as tests do with the process's."""
    global _offset
    _offset += seconds
    try:
        yield
    finally:
        _offset -= seconds


class FromNow(models.Expression):
    """The time `seconds` after the start of the statement, as an expression for querysets."""

    def __init__(self, seconds: float = 0) -> None:
        super().__init__(output_field=_FIELD)
        self.seconds = seconds

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Return the SQL of the expression and its parameters."""
        return from_now(self.seconds)


def to_sql(field: Any, value: Any) -> tuple[str, list[Any]]:
    """Return a value of the field, which may be a FromNow, as SQL with its parameters."""
    if isinstance(value, FromNow):
        return from_now(value.seconds)
    return "%s", [field.get_db_prep_save(value, connection)]


def from_now(seconds: float = 0) -> tuple[str, list[Any]]:
    """Return the SQL for the time `seconds` after the start of the statement, with its parameters.

    Indexes can be searched by it, which PostgreSQL's clock_timestamp() would prevent.
    """
    if connection.vendor == "postgresql":
        seconds += _offset
        if not seconds:
            return "statement_timestamp()", []
        return "(statement_timestamp() + make_interval(secs => %s))", [seconds]
    # SQLite runs in this process and has the same clock, but reads it to the millisecond only.
    time = timezone.now() + timedelta(seconds=seconds)
    return "%s", [connection.ops.adapt_datetimefield_value(time)]
