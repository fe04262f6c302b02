"""What Prometheus is told of the live line, of the process that answers."""

from collections.abc import Iterable

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from realtime.hub import Hub


class LiveLine(Collector):
    def collect(self) -> Iterable[Metric]:
        hubs = Hub.of_this_process()
        yield GaugeMetricFamily(
            "svyaz_realtime_connections",
            "Open websockets and event streams.",
            sum(len(hub.connections) for hub in hubs),
        )
        yield GaugeMetricFamily(
            "svyaz_realtime_rooms",
            "Rooms that somebody is in.",
            sum(hub.room_count for hub in hubs),
        )


REGISTRY.register(LiveLine())
