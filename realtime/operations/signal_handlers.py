"""Receivers of Django's signals."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

from realtime.actions import revalidate


@receiver(user_logged_out)
def close_connections_of_session(user: Any, **kwargs: Any) -> None:
    """Close the connections that were opened by the session that has ended."""
    if user is not None:
        revalidate(user.pk)
