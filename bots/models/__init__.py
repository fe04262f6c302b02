"""The models: bots, updates, deliveries, commands and others."""

from bots.models.account import LinkCode, PachcaAccount
from bots.models.api_call import ApiCall
from bots.models.blocking import BlockingFunction
from bots.models.bot import Bot
from bots.models.broadcast import Broadcast, Recipient, Stage
from bots.models.command import Audience, Command
from bots.models.conversation import Conversation
from bots.models.delivery import Delivery
from bots.models.minute import Minute
from bots.models.service import Service
from bots.models.update import Update

__all__ = [
    "ApiCall",
    "Audience",
    "BlockingFunction",
    "Bot",
    "Broadcast",
    "Command",
    "Conversation",
    "Delivery",
    "LinkCode",
    "Minute",
    "PachcaAccount",
    "Recipient",
    "Service",
    "Stage",
    "Update",
]
