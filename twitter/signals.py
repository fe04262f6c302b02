"""What happens here, for whoever wants to know. Sent inside the transaction of the event."""

from django.dispatch import Signal

tweet_posted = Signal()
"""Arguments: tweet."""

tweet_edited = Signal()
"""Arguments: tweet."""

tweet_deleted = Signal()
"""Arguments: tweet, person: the author, or the moderator who hid it."""

tweet_restored = Signal()
"""Arguments: tweet, person."""

tweet_liked = Signal()
"""Arguments: tweet, person."""

tweet_unliked = Signal()
"""Arguments: tweet, person."""

tweet_reposted = Signal()
"""Arguments: tweet (the original), person."""

tweet_unreposted = Signal()
"""Arguments: tweet (the original), person."""

person_followed = Signal()
"""Arguments: person (who follows), other."""

person_unfollowed = Signal()
"""Arguments: person, other."""

person_left = Signal()
"""Arguments: person."""

notification_made = Signal()
"""Arguments: notification."""
