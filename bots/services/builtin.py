"""The bots' own background services."""

import logging

from django.utils.translation import gettext_lazy as _

from bots.intake import history
from bots.services import pruning, statistics
from bots.services.background import service

logger = logging.getLogger(__name__)


@service(
    name="bots.services.prune",
    every="10m",
    description=_("Deletes old updates, deliveries and API calls"),
)
def prune() -> None:
    logger.info("Pruned: %s", pruning.prune())


@service(
    name="bots.services.backfill",
    every="5m",
    at_start=True,
    description=_("Fetches missed events from Pachca's history"),
)
async def backfill() -> None:
    await history.backfill_all()


@service(
    name="bots.services.count_minutes",
    every="1m",
    description=_("Collects the data for the charts of the overview"),
)
def count_minutes() -> None:
    statistics.count_minutes()
