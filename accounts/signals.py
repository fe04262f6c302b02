"""What others may wait for."""

from django.dispatch import Signal

# invitation
invitation_accepted = Signal()
