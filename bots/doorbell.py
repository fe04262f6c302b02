"""Where the bots ring."""

from jobs.doorbell import Doorbell, ring

__all__ = ["Doorbell", "ring"]
