"""The admin of bots, updates, deliveries and related models."""

from bots.admin.accounts import PachcaAccountAdmin
from bots.admin.api_calls import ApiCallAdmin
from bots.admin.blocking import BlockingFunctionAdmin
from bots.admin.bots import BotAdmin
from bots.admin.broadcasts import BroadcastAdmin
from bots.admin.commands import CommandAdmin
from bots.admin.conversations import ConversationAdmin
from bots.admin.deliveries import DeliveryAdmin
from bots.admin.services import ServiceAdmin
from bots.admin.updates import UpdateAdmin

__all__ = [
    "ApiCallAdmin",
    "BlockingFunctionAdmin",
    "BotAdmin",
    "BroadcastAdmin",
    "CommandAdmin",
    "ConversationAdmin",
    "DeliveryAdmin",
    "PachcaAccountAdmin",
    "ServiceAdmin",
    "UpdateAdmin",
]
