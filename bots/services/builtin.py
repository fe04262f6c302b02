"""The bots' own background services."""

import logging

from django.utils.translation import gettext_lazy as _

from bots import history, pruning, statistics
from bots.background import service
from bots.examples import services  # noqa: F401  they are services too

logger = logging.getLogger(__name__)


@service(every="10m", description=_("Deletes old updates, deliveries and calls"))
def prune() -> None:
    logger.info("Pruned: %s", pruning.prune())


@service(
    every="5m",
    at_start=True,
    description=_("Fetches from Pachca's history what the webhook has missed"),
)
async def backfill() -> None:
    await history.backfill_all()


@service(every="1m", description=_("Counts what the charts of the overview show"))
def count_minutes() -> None:
    statistics.count_minutes()
