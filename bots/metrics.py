"""Prometheus metrics, counted from rows, so they cover the whole installation."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from bots.models import BlockingFunction, Bot, Delivery, Service, Update
from bots.models.jobs import JobManager
from bots.services import background
from jobs.collector import RowsCollector

QUEUES: dict[str, JobManager[Any]] = {"updates": Update.objects, "deliveries": Delivery.objects}


class Bots(RowsCollector):
    def count_rows(self) -> Iterable[Metric]:
        return [*_queues(), *_services(), *_blocking(), _outages()]


def _queues() -> Iterable[Metric]:
    """Count open rows only: their partial index is small, however large the table."""
    count = GaugeMetricFamily(
        "svyaz_bots_open", "Rows that are queued or in progress.", labels=["queue", "bot"]
    )
    age = GaugeMetricFamily(
        "svyaz_bots_open_age_seconds", "Age of the oldest open row.", labels=["queue", "bot"]
    )
    now = timezone.now()
    for queue, manager in QUEUES.items():
        rows = manager.open().order_by().values("bot__slug")
        for row in rows.annotate(count=Count("pk"), since=Min("created_at")):
            labels = [queue, row["bot__slug"]]
            count.add_metric(labels, row["count"])
            age.add_metric(labels, (now - row["since"]).total_seconds())
    return count, age


def _outages() -> Metric:
    seconds = GaugeMetricFamily(
        "svyaz_bots_pachca_unreachable_seconds",
        "For how long Pachca has not answered the bot, or has rejected its token; 0 if it answers.",
        labels=["bot"],
    )
    now = timezone.now()
    for slug, since in Bot.objects.on().values_list("slug", "unreachable_since"):
        seconds.add_metric([slug], (now - since).total_seconds() if since else 0)
    return seconds


def _services() -> Iterable[Metric]:
    failures = CounterMetricFamily(
        "svyaz_bots_service_failures", "Failed runs of a service.", labels=["service"]
    )
    runs = CounterMetricFamily("svyaz_bots_service_runs", "Runs of a service.", labels=["service"])
    over_limit = GaugeMetricFamily(
        "svyaz_bots_service_over_limit",
        "1 while a run of the service exceeds its time limit.",
        labels=["service"],
    )
    for service in Service.objects.only("name", "runs", "failures", "state", "started_at"):
        failures.add_metric([service.name], service.failures)
        runs.add_metric([service.name], service.runs)
        over_limit.add_metric([service.name], background.is_over_limit(service))
    return runs, failures, over_limit


def _blocking() -> Iterable[Metric]:
    times = CounterMetricFamily(
        "svyaz_bots_loop_blocked",
        "How often a function has blocked an event loop.",
        labels=["function"],
    )
    seconds = CounterMetricFamily(
        "svyaz_bots_loop_blocked_seconds",
        "Total seconds for which a function has blocked an event loop.",
        labels=["function"],
    )
    for row in BlockingFunction.objects.only("name", "times", "seconds"):
        times.add_metric([row.name], row.times)
        seconds.add_metric([row.name], row.seconds)
    return times, seconds


REGISTRY.register(Bots())
