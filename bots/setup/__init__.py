"""Setting a bot up at Pachca: what it needs, what is missing, and writing it there."""

from bots.setup.checks import Check, examine
from bots.setup.sync import Written, sync

__all__ = ["Check", "Written", "examine", "sync"]
