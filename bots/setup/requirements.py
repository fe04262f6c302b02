"""The events, commands and scopes that a bot needs, derived from its handlers and commands."""

from bots.commands.catalog import Catalog
from bots.framework.routing.router import root
from bots.models import Bot

EVENTS: dict[str, tuple[str, ...]] = {
    "message": ("message_new",),
    "message_edited": ("message_update",),
    "message_deleted": ("message_delete",),
    "reaction": ("reaction_new", "reaction_delete"),
    "button": ("button_click",),
    "view": ("button_click",),  # forms come with the clicks that open them
    "chat_member": ("chat_member_add", "chat_member_remove"),
    "company_member": tuple(
        f"company_member_{it}"
        for it in ("invite", "confirm", "update", "suspend", "activate", "delete")
    ),
    "link_shared": ("message_link_shared",),
    "video_call": ("video_call_started", "video_call_finished", "video_call_recording_ready"),
}
# The calls whose scopes a bot needs. Without the first one it cannot send messages.
CALLS = (
    "create_message",
    "get_user",
    "list_chat_messages",
    "get_upload_params",
    "open_view",
    "create_thread",
    "add_reaction",
    "get_tag_users",
    "get_webhook_events",
    "delete_webhook_event",
)


def events_of(bot: Bot) -> list[str]:
    """Return the events that the bot has handlers for, by Pachca's names, sorted."""
    observed = {
        name
        for router in root.tree()
        if all(it.serves(bot) for it in router.lineage())
        for name, observer in router.observers.items()
        if observer.handlers
    }
    return sorted({event for name in observed for event in EVENTS.get(name, ())})


def commands_of(bot: Bot) -> list[str]:
    """Return the names and aliases of the bot's commands, with the slash, sorted."""
    catalog = Catalog.read(bot)
    return sorted(f"/{name}" for name in catalog.names())
