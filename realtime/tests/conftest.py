"""Fixtures of the realtime tests."""

from realtime.testing import broker, sockets

__all__ = ["broker", "sockets"]
