"""A test kit for handlers: send messages to a bot and check its replies, without a server.

In a conftest.py: `from bots.testing import bot_client as bot_client`.

    def test_greeting(bot_client):
        assert bot_client.send("/hello").text == "Hello! Nice to hear from you."
"""

from bots.testing.client import Answers, BotClient, CallRefused, HandlerFailed, Person
from bots.testing.fixtures import bot_client
from bots.testing.pachca import Chat, Pachca, Sent

__all__ = [
    "Answers",
    "BotClient",
    "CallRefused",
    "Chat",
    "HandlerFailed",
    "Pachca",
    "Person",
    "Sent",
    "bot_client",
]
