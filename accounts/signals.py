"""What others may wait for."""

from django.dispatch import Signal

# invitation
invitation_accepted = Signal()

account_deleted = Signal()
"""A person's account and data were deleted. Arguments: `person`, the row without a name.

Sent inside the transaction; may be sent again after a failure. Delete what you store of the person.
"""
