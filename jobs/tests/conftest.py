from collections.abc import Iterator

import pytest
from django.db import connection

from jobs import leases
from jobs.leases import LeaseRenewer
from jobs.tests.rows import Chore


@pytest.fixture
def chores(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A table of jobs, and a renewer of its own: an earlier test's may still be renewing."""
    renewer = LeaseRenewer()
    monkeypatch.setattr(leases, "renewer", renewer)
    with connection.schema_editor() as editor:
        editor.create_model(Chore)
    yield
    for lease in list(renewer._leases):
        lease.release()
    with connection.schema_editor() as editor:
        editor.delete_model(Chore)
