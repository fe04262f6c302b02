"""The sweep: rings again for rows that are due: a bell was lost, or a worker died."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from bots import background, broadcasting
from bots.models import Delivery, Update
from jobs.doorbell import ring

# Rows a sweep; what is left over waits for the next one.
MOST = 500


def sweep() -> None:
    """Ring for every row that has been due for a while and is first in its chat."""
    late = timezone.now() - timedelta(seconds=min(1.0, settings.BOTS_SWEEP_EVERY))
    updates = Update.objects.claimable().filter(due_at__lte=late)
    if due := list(updates.order_by("pk").values_list("pk", flat=True)[:MOST]):
        ring("bots.handle_update", *due, expires=settings.BOTS_SWEEP_EVERY)
    deliveries = Delivery.objects.claimable().filter(due_at__lte=late)
    for bot_id, chat in deliveries.order_by("pk").values_list("bot_id", "chat")[:MOST]:
        ring("bots.deliver", bot_id, chat, expires=settings.BOTS_SWEEP_EVERY)
    background.ring_for_due()
    broadcasting.ring_for_due()
