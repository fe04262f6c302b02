"""A connection: its outbox, transport and limits, and the user who opened it."""

from realtime.connections.limits import Limits
from realtime.connections.router import ConnectionRouter

__all__ = ["ConnectionRouter", "Limits"]
