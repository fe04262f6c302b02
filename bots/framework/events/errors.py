"""Errors of answers."""

from django.utils.translation import gettext as _


class BadAnswer(Exception):
    """A handler queued an answer that Pachca would reject, or returned something else.

    `apology` is the message that the person receives instead.
    """

    def __init__(self, message: str, apology: str = "") -> None:
        super().__init__(message)
        self.apology = apology or _("The reply could not be sent. The error has been logged.")


class NobodyToAnswer(Exception):
    """The event has neither a person nor a chat to answer. Use `tell` or `post`."""


class NoMessage(Exception):
    """The event has no message to reply to, edit or pin."""
