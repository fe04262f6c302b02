"""Commands configured in the admin: action, audience and chats.

An app registers a type of action in its handlers module:

    @command_action("tweet", gettext_lazy("Post a tweet"), parameter=gettext_lazy("Text"))
    def tweet(user: User, parameter: str) -> str:
        ...

It is called like a handler; `parameter` is the text of the row with its variables replaced.
"""

from bots.commands.kinds import ActionKind, command_action, kinds
from bots.commands.variables import BadVariable

__all__ = ["ActionKind", "BadVariable", "command_action", "kinds"]
