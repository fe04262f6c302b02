"""API keys: how programs show whom they speak for."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twitter.models.people import User, tell_of_change

SHORTEST_KEY = 10
LONGEST_KEY = 200
LONGEST_PREFIX = 8
USE_IS_NOTED_EVERY = timedelta(minutes=1)


class ApiKeyManager(models.Manager["ApiKey"]):
    def make(self, owner: User, name: str) -> tuple["ApiKey", str]:
        """Make a key. It is returned this once, and cannot be read again."""
        key = secrets.token_urlsafe(32)
        return self.adopt(owner, name, key), key

    def adopt(self, owner: User, name: str, key: str) -> "ApiKey":
        """Make a key of somebody's choice."""
        if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
            raise ValidationError(_("A key has from 10 to 200 characters."), code="key_length")
        return self.create(owner=owner, name=name, prefix=_prefix(key), hash=hashed(key))

    def adopt_for_demo(self, owner: User, name: str, key: str) -> "ApiKey":
        """Make a key that may be short, since it opens nothing where DEBUG is off."""
        return self.create(
            owner=owner, name=name, prefix=_prefix(key), hash=hashed(key), is_demo=True
        )

    def owner_of(self, key: str) -> User | None:
        """Return the active person who holds `key`, and note that it was used."""
        if len(key) > LONGEST_KEY or "\0" in key:
            return None
        found = self._valid(key)
        if found is None:
            return None
        found.note_use()
        return found.owner

    def _valid(self, key: str) -> "ApiKey | None":
        secret_keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        valid = self.select_related("owner").filter(
            prefix=_prefix(key),
            hash__in=[hashed(key, secret) for secret in secret_keys],
            revoked_at=None,
            owner__is_active=True,
        )
        return (valid if settings.DEBUG else valid.filter(is_demo=False)).first()


class ApiKey(models.Model):
    """A key, hashed at rest.

    A fast keyed hash is right here, unlike for passwords: every call computes it, and our own keys
    are too long to be guessed. SECRET_KEY as its key protects the shorter ones that people choose:
    who has the database alone cannot try them out.
    """

    owner = models.ForeignKey(
        User, verbose_name=_("owner"), on_delete=models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(pgettext_lazy("title", "name"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=LONGEST_PREFIX, db_index=True)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    is_demo = models.BooleanField(_("for the demo only"), default=False, editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = ApiKeyManager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def note_use(self) -> None:
        """Note the time, to the minute: a write for every call would cost more than the call."""
        now = timezone.now()
        if self.last_used_at is None or now - self.last_used_at >= USE_IS_NOTED_EVERY:
            self.last_used_at = now
            self.save(update_fields=["last_used_at"])

    def revoke(self) -> None:
        if self.revoked_at is None:
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])
            transaction.on_commit(tell_of_change)


def _prefix(key: str) -> str:
    """Return the beginning of a key, by which it is found and known: a quarter of it at most."""
    return key[: min(LONGEST_PREFIX, len(key) // 4)]


def hashed(key: str, secret: str | None = None) -> str:
    """Return what of a key is kept and compared."""
    return salted_hmac("twitter.ApiKey", key, secret=secret, algorithm="sha256").hexdigest()
