"""With DEBUG on, a process that runs for days keeps no more than a few queries in memory."""

import threading

import pytest
from django.db import connection
from pytest_django.fixtures import SettingsWrapper

from launcher.apps import MAX_QUERIES_LOGGED


@pytest.mark.django_db(transaction=True)
def test_a_thread_that_serves_no_requests_keeps_few_queries(settings: SettingsWrapper) -> None:
    settings.DEBUG = True
    lengths = []

    def work() -> None:
        with connection.cursor() as cursor:
            for _ in range(3 * MAX_QUERIES_LOGGED):
                cursor.execute("SELECT 1")
        lengths.append(len(connection.queries_log))
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert lengths == [MAX_QUERIES_LOGGED]
