"""Metrics that are counted from rows, when Prometheus asks."""

import logging
from abc import abstractmethod
from collections.abc import Iterable

from django.db import Error
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from core.database import is_outage

logger = logging.getLogger(__name__)


class RowsCollector(Collector):
    """A collector that reads the database. While that does not answer, its metrics are absent."""

    @abstractmethod
    def count_rows(self) -> Iterable[Metric]:
        """Return the metrics; may raise what the database raises."""

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand: that would ask the database while the process starts."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Return the metrics, or none while the database is unavailable."""
        try:
            return [*self.count_rows()]
        except Error as error:
            if not is_outage(error):
                raise
            logger.error("Metrics without %s: %s", type(self).__name__, error)
            return []
