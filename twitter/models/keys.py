"""API keys, by which programs act on behalf of a person."""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.scopes import Scope
from twitter.models.people import User, send_person_changed
from twitter.signals import api_key_made, api_key_revoked

MIN_KEY_LENGTH = 10
MAX_KEY_LENGTH = 200
MAX_PREFIX_LENGTH = 8
LAST_USED_PRECISION = timedelta(minutes=1)
EVERY_SCOPE = " ".join(Scope)

# Scopes that some call requires. The others are of use to keys that have all of them.
OFFERED_SCOPES = [
    (Scope.READ, _("read the microblog and its events")),
    (Scope.WRITE, _("post and change")),
    (Scope.SPEECH, _("synthesise speech")),
]


class ApiKeyManager(models.Manager["ApiKey"]):
    """Creates and looks up API keys."""

    def make(self, owner: User, name: str, **limits: Any) -> tuple["ApiKey", str]:
        """Create a random key; return the row and the key, which is not stored in plain text.

        `limits` are `scopes`, names separated by spaces, and `expires_at`.
        """
        key = secrets.token_urlsafe(32)
        return self.adopt(owner, name, key, **limits), key

    def adopt(self, owner: User, name: str, key: str, **limits: Any) -> "ApiKey":
        """Create a row for a given key. Raises ValidationError unless it has 10 to 200 characters.

        Raises IntegrityError if the key exists already.
        """
        if not MIN_KEY_LENGTH <= len(key) <= MAX_KEY_LENGTH:
            raise ValidationError(_("A key must have 10 to 200 characters."), code="key_length")
        hashed = _hash_fields(key)
        made = self.create(owner=owner, name=name, prefix=_prefix_of(key), **hashed, **limits)
        api_key_made.send(sender=ApiKey, key=made)
        return made

    def adopt_for_demo(self, owner: User, name: str, key: str) -> "ApiKey":
        """Create a row for a given key of any length, which is valid with DEBUG only."""
        return self.create(
            owner=owner, name=name, prefix=_prefix_of(key), **_hash_fields(key), is_demo=True
        )

    def find_owner(self, key: str) -> User | None:
        """Return the active owner of a valid key and record its use; None for any other key.

        The owner's `key_scopes` are those of the key.

        If the hash was made with a secret in SECRET_KEY_FALLBACKS, the key is rehashed with
        SECRET_KEY, so that the former secret can be removed once every key has been used.
        """
        if len(key) > MAX_KEY_LENGTH or "\0" in key:
            return None
        found = self._valid(key)
        if found is None:
            return None
        found.rehash(key)
        found.record_use()
        found.owner.key_scopes = frozenset(found.scopes.split())
        return found.owner

    def hashed_with_former_secret(self) -> models.QuerySet["ApiKey"]:
        """Return the keys that become invalid when SECRET_KEY_FALLBACKS is emptied."""
        return self.filter(revoked_at=None).exclude(secret_id=_secret_id())

    def _valid(self, key: str) -> "ApiKey | None":
        secret_keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        valid = self.select_related("owner").filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()),
            prefix=_prefix_of(key),
            hash__in=[hash_key(key, secret) for secret in secret_keys],
            revoked_at=None,
            owner__is_active=True,
        )
        return (valid if settings.DEBUG else valid.filter(is_demo=False)).first()


class ApiKey(models.Model):
    """An API key, stored as a hash.

    Unlike passwords, keys use a fast keyed hash (HMAC): every call computes it, and generated keys
    are too long to guess. Shorter keys chosen by people are protected by SECRET_KEY: the database
    alone does not allow a brute-force attack.
    """

    owner = models.ForeignKey(
        User, verbose_name=_("owner"), on_delete=models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(pgettext_lazy("title", "name"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=MAX_PREFIX_LENGTH, db_index=True)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    # Identifies the SECRET_KEY of the hash; empty for keys made before this was recorded.
    secret_id = models.CharField(max_length=8, default="", db_default="", editable=False)
    is_demo = models.BooleanField(_("for the demo only"), default=False, editable=False)
    scopes = models.CharField(
        _("may be used to"), max_length=100, default=EVERY_SCOPE, db_default=EVERY_SCOPE
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects = ApiKeyManager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_expired(self) -> bool:
        """Whether the time until which the key was valid is over."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    def scope_labels(self) -> str:
        """Return in words what the key may be used for."""
        granted = self.scopes.split()
        if set(EVERY_SCOPE.split()) <= set(granted):
            return str(_("everything"))
        labels: dict[str, Any] = dict(OFFERED_SCOPES)
        return ", ".join(str(labels.get(scope, scope)) for scope in granted)

    def rehash(self, key: str) -> None:
        """Hash the key again if its hash was made with a former SECRET_KEY."""
        current = _hash_fields(key)
        if (self.hash, self.secret_id) != (current["hash"], current["secret_id"]):
            self.hash, self.secret_id = current["hash"], current["secret_id"]
            self.save(update_fields=["hash", "secret_id"])

    def record_use(self) -> None:
        """Update `last_used_at`, at most once a minute to avoid a write for every call."""
        now = timezone.now()
        if self.last_used_at is None or now - self.last_used_at >= LAST_USED_PRECISION:
            self.last_used_at = now
            self.save(update_fields=["last_used_at"])

    def revoke(self) -> None:
        """Make the key invalid, in all processes after the commit."""
        if self.revoked_at is None:
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])
            api_key_revoked.send(sender=ApiKey, key=self)
            transaction.on_commit(send_person_changed)


def _prefix_of(key: str) -> str:
    """Return the stored beginning of a key: 8 characters, at most a quarter of it."""
    return key[: min(MAX_PREFIX_LENGTH, len(key) // 4)]


def _hash_fields(key: str) -> dict[str, str]:
    return {"hash": hash_key(key), "secret_id": _secret_id()}


def _secret_id() -> str:
    """Return an identifier of SECRET_KEY that does not reveal it."""
    return salted_hmac("twitter.ApiKey.secret_id", "", algorithm="sha256").hexdigest()[:8]


def hash_key(key: str, secret: str | None = None) -> str:
    """Return the stored hash of a key: 64 hexadecimal digits."""
    return salted_hmac("twitter.ApiKey", key, secret=secret, algorithm="sha256").hexdigest()
