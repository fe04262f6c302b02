"""Prometheus metrics of all server processes, whichever of them answers the scrape."""

from collections.abc import Iterable
from typing import Any

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from realtime.connections.report import process_report
from realtime.operations.control import reports
from realtime.rooms.hub import Hub

GAUGES = {
    "connections": ("connections", "Open WebSockets and event streams."),
    "people": ("people", "Distinct users with an open connection."),
    "rooms": ("room_count", "Rooms with at least one member."),
    "slow": ("slow", "Connections with so much unread output that lossy events are skipped."),
    "subscription_interrupted_seconds": (
        "interrupted",
        "Time since the subscription to Redis was interrupted, or 0.",
    ),
}
COUNTERS = {
    "events_received": ("received", "Events received from clients."),
    "events_sent": ("sent", "Events sent to clients."),
    "cut_off": ("cut_off", "Connections closed because their clients read too slowly."),
    "subscription_restarts": (
        "restarts",
        "Restarts of the subscription to Redis after an unexpected exception.",
    ),
    # Former names, until version 0.3.
    "heard": ("received", "Deprecated: use svyaz_realtime_events_received_total."),
    "told": ("sent", "Deprecated: use svyaz_realtime_events_sent_total."),
}
"""Metrics by name without the prefix: the key in a process's report, and the HELP text."""


class RealtimeCollector(Collector):
    """Collects the reports of all server processes, labelled by `process`."""

    def describe(self) -> Iterable[Metric]:
        """Return nothing, since `collect` would query Redis while the process starts."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Return one family per metric, with a sample for each process."""
        reported = _reports()
        for families, definitions in (
            (GaugeMetricFamily, GAUGES),
            (CounterMetricFamily, COUNTERS),
        ):
            for name, (key, documentation) in definitions.items():
                family = families(f"svyaz_realtime_{name}", documentation, labels=["process"])
                for report in reported:
                    if key in report:  # a process of another version may report less
                        family.add_metric([report["process"]], report[key])
                yield family


def _reports() -> list[dict[str, Any]]:
    """Return the reports of all processes with connections, and of this one in any case."""
    try:
        reported = reports()
    except RedisError:
        reported = []
    processes = {report["process"] for report in reported}
    own = (process_report(hub, "", 0) for hub in Hub.of_this_process())
    return [*reported, *(report for report in own if report["process"] not in processes)]


REGISTRY.register(RealtimeCollector())
