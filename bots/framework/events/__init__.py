"""Events: updates of Pachca parsed from JSON, with methods to answer them."""

from bots.framework.events.answers import Answering
from bots.framework.events.errors import BadAnswer, NobodyToAnswer, NoMessage
from bots.framework.events.outbox import Ack, Attachment, Outbox, Outgoing
from bots.framework.events.places import Place, private
from bots.framework.events.types import (
    Button,
    Chat,
    ChatMember,
    CompanyMember,
    Event,
    Failure,
    Link,
    LinkShared,
    Message,
    Reaction,
    Thread,
    VideoCall,
    View,
)

__all__ = [
    "Ack",
    "Answering",
    "Attachment",
    "BadAnswer",
    "Button",
    "Chat",
    "ChatMember",
    "CompanyMember",
    "Event",
    "Failure",
    "Link",
    "LinkShared",
    "Message",
    "NoMessage",
    "NobodyToAnswer",
    "Outbox",
    "Outgoing",
    "Place",
    "Reaction",
    "Thread",
    "VideoCall",
    "View",
    "private",
]
