"""The sweep of updates and deliveries: it rings again for rows that are due."""

from django.conf import settings

from bots.models import Delivery, Update
from jobs.database_clock import FromNow
from jobs.doorbell import ring

# Rows per sweep; the others wait for the next one.
MAX_ROWS = 500


def sweep() -> None:
    """Ring for every row that has been due for a while and is first in its chat.

    Its bell was lost, or its worker died.
    """
    late = FromNow(-min(1.0, settings.BOTS_SWEEP_EVERY))
    updates = Update.objects.claimable().filter(due_at__lte=late)
    if due := list(updates.order_by("pk").values_list("pk", flat=True)[:MAX_ROWS]):
        ring("bots.handle_update", *due)
    deliveries = Delivery.objects.claimable().filter(due_at__lte=late)
    for bot_id, chat in deliveries.order_by("pk").values_list("bot_id", "chat")[:MAX_ROWS]:
        ring("bots.deliver", bot_id, chat)
