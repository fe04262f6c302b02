"""What apps to the left may listen to."""

from django.dispatch import Signal

speech_finished = Signal()
"""A speech is ready, failed or was cancelled; `speech` is its row.

Sent inside the transaction that writes the end, so what a receiver writes is there exactly when the
end is. A receiver that raises makes the end be written again, later.
"""
