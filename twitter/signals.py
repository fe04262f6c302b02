"""What happens here, for whoever wants to know. Sent inside the transaction of the event."""

from django.dispatch import Signal

tweet_posted = Signal()
"""Arguments: tweet."""
