"""Models of the sandbox."""

from sandbox.models.accounts import Account
from sandbox.models.calls import ApiCall
from sandbox.models.chats import Chat, Membership, Thread
from sandbox.models.faults import Faults
from sandbox.models.files import Attachment, Upload
from sandbox.models.forms import Trigger, View
from sandbox.models.messages import Message, Reaction
from sandbox.models.oauth import AccessToken, AuthorizationCode, OAuthClient
from sandbox.models.tags import GroupTag
from sandbox.models.webhooks import WebhookAttempt, WebhookEvent

__all__ = [
    "AccessToken",
    "Account",
    "ApiCall",
    "Attachment",
    "AuthorizationCode",
    "Chat",
    "Faults",
    "GroupTag",
    "Membership",
    "Message",
    "OAuthClient",
    "Reaction",
    "Thread",
    "Trigger",
    "Upload",
    "View",
    "WebhookAttempt",
    "WebhookEvent",
]
