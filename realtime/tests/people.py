"""A user and the user's API key."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

KEY = "the-key-of-ann"
revoked: set[str] = set()


def ann() -> AbstractBaseUser:
    return get_user_model()(pk=7, username="ann")


def owner_of_key(key: str, address: str | None = None) -> AbstractBaseUser | None:
    return ann() if key == KEY and key not in revoked else None
