"""Rooms: subscription, fan-out, presence and history; the bus to the other processes."""
