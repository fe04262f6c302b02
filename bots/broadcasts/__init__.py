"""Broadcasts: one message to many people."""

from bots.broadcasts.actions import broadcast, cancel, pause, resume, send_test, start

__all__ = ["broadcast", "cancel", "pause", "resume", "send_test", "start"]
