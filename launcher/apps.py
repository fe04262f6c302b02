"""The launcher as a Django app: its commands, and what DEBUG processes need."""

from collections import deque
from typing import Any

from celery.signals import beat_init, celeryd_init
from django.apps import AppConfig
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from launcher import broker

MAX_QUERIES_LOGGED = 20


def limit_query_log(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Limit the query log that each connection has while DEBUG is on.

    Django clears it at the start of a request, which does not happen in job threads, and limits it
    to 9,000 queries: tens of megabytes over all connections of a process.
    """
    if settings.DEBUG and connection.queries_log.maxlen != MAX_QUERIES_LOGGED:
        connection.queries_log = deque(connection.queries_log, maxlen=MAX_QUERIES_LOGGED)


class LauncherConfig(AppConfig):
    name = "launcher"

    def ready(self) -> None:
        celeryd_init.connect(broker.require)
        beat_init.connect(broker.require)
        connection_created.connect(limit_query_log)
