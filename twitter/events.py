"""Access to the real-time room of the feed."""

from django.conf import settings

from realtime.register import EventContext, register
from twitter.actions import TWEETS_ROOM


@register.on_join(TWEETS_ROOM)
async def may_join(context: EventContext, room: str) -> bool:
    """Allow authenticated users; with DEBUG also anonymous ones, who can read the feed then."""
    return bool(context.connection.user.is_authenticated) or settings.DEBUG
