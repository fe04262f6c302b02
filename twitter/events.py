"""Who may hear the live feed."""

from django.conf import settings

from realtime.register import EventContext, register
from twitter.actions import EVERYBODY


@register.on_join(EVERYBODY)
async def may_hear(context: EventContext, room: str) -> bool:
    """Let those who may see the feed join its room; strangers only while developing."""
    return bool(context.connection.user.is_authenticated) or settings.DEBUG
