import socket
import time

from celery import Celery
from django.conf import settings

from jobs.doorbell import Doorbell


def app_of(url: str) -> Celery:
    app = Celery(set_as_current=False, broker=url)
    app.conf.broker_transport_options = {
        **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        "socket_timeout": 0.2,
    }
    return app


def test_without_a_broker_nothing_is_raised_and_it_is_said_once(caplog):
    bell = Doorbell(app_of("redis://127.0.0.1:9"), silence=60)

    bell.ring("bots.sweep")
    bell.ring("bots.sweep")

    assert [record.message[:18] for record in caplog.records] == ["The broker is away"]


def test_a_broker_that_hangs_holds_up_one_call_only():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bell = Doorbell(app_of(f"redis://127.0.0.1:{silent.getsockname()[1]}"), silence=60)
        bell.ring("bots.sweep")
        started = time.monotonic()
        for _ in range(100):
            bell.ring("bots.sweep")

    assert time.monotonic() - started < 0.1
