"""Invitations: links by which people get an account."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

TOKEN_BYTES = 32


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Those that can be accepted now."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def with_token(self, token: str) -> "InvitationQuerySet":
        return self.filter(token_hash=hash_of(token))

    def issue(self, **fields: Any) -> "tuple[Invitation, str]":
        """Create an invitation; return it and its token, of which only a hash is stored."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        expires_at = timezone.now() + timedelta(hours=settings.INVITATION_HOURS)
        return self.create(token_hash=hash_of(token), expires_at=expires_at, **fields), token


class Invitation(models.Model):
    """Lets whoever has its link create an account, or choose a password for an existing one."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="invitations",
        help_text=_("Whose account it is; empty until somebody accepts an invitation to join."),
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    is_superuser = models.BooleanField(_("administrator"), default=False)
    groups = models.ManyToManyField(Group, verbose_name=_("groups"), blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("invited by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name or self.email or str(self.person or self.pk)

    @property
    def state(self) -> str:
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "open" if self.expires_at > timezone.now() else "expired"


def hash_of(token: str) -> str:
    """Return what is stored of a token. It is random, so it needs neither salt nor slow hashing."""
    return hashlib.sha256(token.encode()).hexdigest()
