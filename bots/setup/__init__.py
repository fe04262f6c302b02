"""Set-up of bots in Pachca: requirements, checks, and writing of settings."""

from bots.setup.checks import Check, examine
from bots.setup.sync import Written, sync

__all__ = ["Check", "Written", "examine", "sync"]
