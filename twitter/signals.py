"""Signals of the microblog.

They are sent inside the transaction of the change, so a receiver that raises rolls it back, and
rows that a receiver writes are committed with it. The sender is the model class.
"""

from django.dispatch import Signal

tweet_posted = Signal()
"""A tweet or reply was posted. Arguments: `tweet`."""

tweet_edited = Signal()
"""The text of a tweet was changed. Arguments: `tweet`."""

tweet_deleted = Signal()
"""A tweet was deleted or hidden. Arguments: `tweet`, `person` (the author, moderator or staff)."""

tweet_restored = Signal()
"""A hidden tweet was restored. Arguments: `tweet`, `person` (the moderator)."""

tweet_liked = Signal()
"""A tweet was liked. Arguments: `tweet`, `person`."""

tweet_unliked = Signal()
"""A like was removed. Arguments: `tweet`, `person`."""

tweet_reposted = Signal()
"""A tweet was reposted. Arguments: `tweet` (the original), `person`."""

tweet_unreposted = Signal()
"""A repost was removed. Arguments: `tweet` (the original), `person`."""

person_followed = Signal()
"""`person` followed `other`. Arguments: `person`, `other`."""

person_unfollowed = Signal()
"""`person` unfollowed `other`. Arguments: `person`, `other`."""

person_left = Signal()
"""An account was ended. Arguments: `person`."""

notification_made = Signal()
"""A notification was created. Arguments: `notification`."""

api_key_made = Signal()
"""An API key was created. Arguments: `key` (the row)."""

api_key_revoked = Signal()
"""An API key was revoked. Arguments: `key` (the row)."""
