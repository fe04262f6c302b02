"""The live feed over the websocket."""

from django.conf import settings

from realtime.errors import EventError
from realtime.register import EventContext, register
from twitter.actions import EVERYBODY


@register.on_event("tweets.watch")
async def watch(context: EventContext) -> None:
    """Answer `tweets.watching` as soon as no new tweet can be missed."""
    connection = context.connection
    if not (connection.user.is_authenticated or settings.DEBUG):
        raise EventError("forbidden", "Sign in to watch tweets.")
    await connection.join(EVERYBODY)
    await context.reply(None, "tweets.watching")


@register.on_join(EVERYBODY)
async def may_hear(context: EventContext, room: str) -> bool:
    """Let those who may see the feed join its room by themselves, as readers of /events do."""
    return bool(context.connection.user.is_authenticated) or settings.DEBUG
