"""The bots' own background services."""

import logging

from bots import history, pruning, statistics
from bots.background import service

logger = logging.getLogger(__name__)


@service(every="10m")
def prune() -> None:
    """Deletes old updates, deliveries and calls."""
    logger.info("Pruned: %s", pruning.prune())


@service(every="5m", at_start=True)
async def backfill() -> None:
    """Fetches from Pachca's history what the webhook has missed."""
    await history.backfill_all()


@service(every="1m")
def count_minutes() -> None:
    """Counts what the charts of the overview show."""
    statistics.count_minutes()
