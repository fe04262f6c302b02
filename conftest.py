"""What every test may count on: a broker of its own."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.conf import settings

from project import broker


@pytest.fixture(scope="session", autouse=True)
def _broker() -> Iterator[None]:
    """Run the embedded Valkey for the session, unless REDIS_URL names a server to test against."""
    with ExitStack() as stack:
        if settings.BROKER_IS_EMBEDDED:
            stack.enter_context(broker.running(settings.RUN_DIR))
        yield
