"""Commands as the administrator makes them: what each does, for whom, and where.

An app adds a kind of action from its handlers module:

    @command_action("tweet", gettext_lazy("Post a tweet"), parameter=gettext_lazy("Text"))
    def tweet(user: User, parameter: str) -> str:
        ...

It is called like a handler; `parameter` is the row's text with its variables filled in.
"""

from bots.commands.kinds import ActionKind, command_action, kinds
from bots.commands.variables import BadVariable

__all__ = ["ActionKind", "BadVariable", "command_action", "kinds"]
