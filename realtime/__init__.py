"""Real-time events: a register of events over WebSockets, and the bus that connects processes."""

from realtime.moved import FINDER

FINDER.install()
