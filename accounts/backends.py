"""Passwords: a person signs in by username or e-mail address."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from twitter.models import User

MAX_CANDIDATES = 5
"""People whose password is compared; a username may look like the e-mail address of another."""


class PasswordBackend(ModelBackend):
    """Compares a password; an unknown name takes as long as a wrong password.

    A wrong password is refused for good: no backend after this one is asked.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if not password:
            return None
        if not settings.PASSWORD_SIGN_IN:
            raise PermissionDenied
        candidates = find_people(username or "", email or username or "")[:MAX_CANDIDATES]
        for person in candidates:
            if person.check_password(password) and self.user_can_authenticate(person):
                return person
        if not candidates:
            User().set_password(password)
        raise PermissionDenied


def find_people(username: str, email: str) -> list[User]:
    """Return the people with a username, then those with an e-mail address."""
    people = list(User.objects.with_username(username)) if username else []
    if email:
        people += people_with_email(email).exclude(pk__in=[person.pk for person in people])
    return people


def people_with_email(email: str) -> "QuerySet[User]":
    """Return the people whose e-mail address this is; addresses that wait for a confirmation do
    not count."""
    confirmed = Q(emailaddress__email=email.lower(), emailaddress__verified=True)
    return User.objects.filter(confirmed | Q(email__iexact=email)).distinct().order_by("pk")
