"""Distinguishing database outages from faulty statements."""

from django.db import InterfaceError, OperationalError


def is_outage(error: BaseException | None) -> bool:
    """Return whether the same statement may succeed later.

    SQLite uses the class of such errors also for tables and columns that do not exist.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return not str(error).startswith("no such ")
