"""People and what they say."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person of the company, known to every app."""
