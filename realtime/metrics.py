"""What Prometheus is told of the live line: of every server process, whichever answers."""

from collections.abc import Iterable

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from realtime.hub import Hub
from realtime.orders import reports
from realtime.report import report_of

GAUGES = {
    "connections": "Open websockets and event streams.",
    "people": "Different people who are connected.",
    "room_count": "Rooms that somebody is in.",
    "slow": "Connections for which so much waits unread that lossy events are skipped.",
}
COUNTERS = {
    "heard": "Events that clients sent.",
    "told": "Events that were written for clients.",
    "cut_off": "Connections that were closed because they read too slowly.",
}


class LiveLine(Collector):
    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand: that would ask the broker while the process starts."""
        return []

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for key, sentence in GAUGES.items():
            name = f"svyaz_realtime_{key.replace('room_count', 'rooms')}"
            families[key] = GaugeMetricFamily(name, sentence, labels=["process"])
        for key, sentence in COUNTERS.items():
            families[key] = CounterMetricFamily(
                f"svyaz_realtime_{key}", sentence, labels=["process"]
            )
        for report in _reports():
            for key, family in families.items():
                family.add_metric([report["process"]], report[key])  # type: ignore[attr-defined]
        return families.values()


def _reports() -> list[dict[str, object]]:
    """Return the reports of all processes that have connections, and of this one in any case."""
    try:
        told = reports()
    except RedisError:
        told = []
    known = {report["process"] for report in told}
    own = (report_of(hub, "", 0) for hub in Hub.of_this_process())
    return [*told, *(report for report in own if report["process"] not in known)]


REGISTRY.register(LiveLine())
