"""Signals for apps of higher layers."""

from django.dispatch import Signal

speech_finished = Signal()
"""A speech is ready, has failed or was cancelled. `speech` is the row.

Sent inside the transaction that writes the outcome, so what a receiver writes is committed with it.
If a receiver raises, the transaction is rolled back and the outcome is written again later.
"""
