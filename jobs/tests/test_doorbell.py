import socket
from contextlib import suppress

import pytest
from celery import Celery
from django.conf import settings

from core.backoff import Backoff
from jobs.doorbell import Doorbell


def app_of(url: str) -> Celery:
    app = Celery(set_as_current=False, broker=url)
    app.conf.broker_transport_options = {
        **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        "socket_timeout": 0.2,
    }
    return app


def test_without_a_broker_nothing_is_raised_and_it_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bell = Doorbell(app_of("redis://127.0.0.1:9"), backoff=Backoff(first=60))

    bell.ring("bots.sweep")
    bell.ring("bots.sweep")

    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "The broker of tasks does not answer" in caplog.text


def test_a_broker_that_hangs_holds_up_one_call_only() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bell = Doorbell(
            app_of(f"redis://127.0.0.1:{silent.getsockname()[1]}"), backoff=Backoff(first=600)
        )
        bell.ring("bots.sweep")
        asked = count_connections(silent)
        for _ in range(100):
            bell.ring("bots.sweep")

        assert asked > 0
        assert count_connections(silent) == 0


def count_connections(server: socket.socket) -> int:
    """Accept the connections that wait, and return how many there were."""
    server.settimeout(0)
    count = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            count += 1
    return count
