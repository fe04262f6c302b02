"""The endpoint /metrics for Prometheus.

The module `metrics` of each app is imported at start-up and registers metrics with
`prometheus_client`. Metrics that are counted from rows should be collectors, which query the
database on each scrape: they cover the whole installation. Counters and histograms cover only the
web process that serves the request.
"""

from collections.abc import Iterable
from secrets import compare_digest

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

from jobs.collector import RowsCollector

SCHEME = "Bearer "


class DatabaseUp(RowsCollector):
    def count_rows(self) -> Iterable[Metric]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return [_database_up(1)]

    def collect(self) -> Iterable[Metric]:
        return super().collect() or [_database_up(0)]


def _database_up(value: int) -> Metric:
    return GaugeMetricFamily("svyaz_database_up", "1 if the database responds, else 0.", value)


REGISTRY.register(DatabaseUp())


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Respond to requests with METRICS_TOKEN and to signed-in staff."""
    if not (_has_token(request) or _is_staff(request)):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return HttpResponse(encode(REGISTRY), content_type=content_type)


def _has_token(request: HttpRequest) -> bool:
    shown = request.headers.get("authorization", "").removeprefix(SCHEME)
    token: str = settings.METRICS_TOKEN
    return bool(token) and compare_digest(shown.encode(), token.encode())


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_active and request.user.is_staff
