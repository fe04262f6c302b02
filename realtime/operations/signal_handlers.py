"""What is done when somebody signs out."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

from realtime.actions import look_again


@receiver(user_logged_out)
def close_what_is_open(user: Any, **kwargs: Any) -> None:
    if user is not None:
        look_again(user.pk)
