"""The admin panel of the bots: what they are, what came in, what went out, and doing it again."""

from bots.admin.accounts import PachcaAccountAdmin
from bots.admin.api_calls import ApiCallAdmin
from bots.admin.bots import BotAdmin
from bots.admin.broadcasts import BroadcastAdmin
from bots.admin.commands import CommandAdmin
from bots.admin.conversations import ConversationAdmin
from bots.admin.deliveries import DeliveryAdmin
from bots.admin.services import ServiceAdmin
from bots.admin.updates import UpdateAdmin

__all__ = [
    "ApiCallAdmin",
    "BotAdmin",
    "BroadcastAdmin",
    "CommandAdmin",
    "ConversationAdmin",
    "DeliveryAdmin",
    "PachcaAccountAdmin",
    "ServiceAdmin",
    "UpdateAdmin",
]
