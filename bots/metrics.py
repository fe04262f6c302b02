"""What Prometheus is told of the bots, counted from the rows: so it holds for the whole house."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bots.jobs import JobManager
from bots.models import Delivery, Service, Update

QUEUES: dict[str, JobManager[Any]] = {"updates": Update.objects, "deliveries": Delivery.objects}


class Bots(Collector):
    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand: that would ask the database while the process starts."""
        return []

    def collect(self) -> Iterable[Metric]:
        return [*_queues(), *_services()]


def _queues() -> Iterable[Metric]:
    """Only open rows are counted: their index is small, however large the table."""
    count = GaugeMetricFamily(
        "svyaz_bots_open", "Rows that wait or are in work.", labels=["queue", "bot"]
    )
    age = GaugeMetricFamily(
        "svyaz_bots_open_age_seconds", "Age of the oldest of them.", labels=["queue", "bot"]
    )
    now = timezone.now()
    for queue, manager in QUEUES.items():
        rows = manager.open().order_by().values("bot__slug")
        for row in rows.annotate(count=Count("pk"), since=Min("created_at")):
            labels = [queue, row["bot__slug"]]
            count.add_metric(labels, row["count"])
            age.add_metric(labels, (now - row["since"]).total_seconds())
    return count, age


def _services() -> Iterable[Metric]:
    failures = CounterMetricFamily(
        "svyaz_bots_service_failures", "Runs of a service that failed.", labels=["service"]
    )
    runs = CounterMetricFamily("svyaz_bots_service_runs", "Runs of a service.", labels=["service"])
    for service in Service.objects.only("name", "runs", "failures"):
        failures.add_metric([service.name], service.failures)
        runs.add_metric([service.name], service.runs)
    return runs, failures


REGISTRY.register(Bots())
