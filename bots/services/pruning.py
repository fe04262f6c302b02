"""Pruning of old rows, in small steps with short locks."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from bots.models import ApiCall, Conversation, Delivery, Minute, Update
from bots.models.jobs import OPEN

BATCH = 1000
KEEP_MINUTES = timedelta(days=30)


def prune() -> dict[str, int]:
    """Delete what is older than its settings allow; return how many rows of what went.

    What still waits or is in work stays, however old it is.
    """
    return {
        "deliveries": _prune(Delivery, _ago(settings.BOTS_KEEP_DAYS)),
        "updates": _prune(Update, _ago(settings.BOTS_KEEP_DAYS)),
        "conversations": Conversation.objects.forgotten(_ago(settings.BOTS_KEEP_DAYS)).delete()[0],
        "api calls": ApiCall.objects.prune(),
        "minutes": Minute.objects.filter(minute__lt=timezone.now() - KEEP_MINUTES).delete()[0],
    }


def _ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def _prune(model: type[Delivery] | type[Update], before: datetime) -> int:
    old = model._default_manager.filter(created_at__lt=before).exclude(state__in=OPEN)
    gone = 0
    while ids := list(old.order_by("created_at").values_list("pk", flat=True)[:BATCH]):
        gone += model._default_manager.filter(pk__in=ids).delete()[0]
    return gone
