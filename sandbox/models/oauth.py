"""OAuth: the clients of bots, authorization codes, and the tokens that people have granted."""

import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sandbox.models.accounts import Account, new_token

CODE_LIFETIME = timedelta(minutes=10)
CODES_KEPT = timedelta(days=1)
LAST_USED_PRECISION = timedelta(minutes=1)
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def new_client_id() -> str:
    return secrets.token_urlsafe(16)


def check_redirect_uri(uri: str) -> None:
    """Raise ValidationError unless Pachca would accept the address: https, or this computer."""
    try:
        parts = urlsplit(uri)
        host, is_loopback = parts.hostname, parts.hostname in LOOPBACK
    except ValueError:
        host, is_loopback = None, False
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback) if host else False
    if not is_safe:
        raise ValidationError(_("A redirect address starts with https://, or is on this computer."))


class OAuthClient(models.Model):
    """Lets a bot ask people for tokens. Without a secret, it must prove itself by PKCE."""

    bot = models.OneToOneField(
        Account, models.CASCADE, related_name="oauth_client", verbose_name=_("bot")
    )
    client_id = models.CharField(_("client id"), max_length=255, unique=True, default=new_client_id)
    secret = models.CharField(_("client secret"), max_length=255, blank=True)
    redirect_uris = models.JSONField(_("redirect addresses"), default=list)
    scopes = models.JSONField(_("requested scopes"), default=list)

    class Meta:
        verbose_name = _("OAuth client")
        verbose_name_plural = _("OAuth clients")

    def __str__(self) -> str:
        return str(self.bot)


class AuthorizationCode(models.Model):
    """What a person's consent is exchanged for: once, within ten minutes."""

    code = models.CharField(_("code"), max_length=64, unique=True, default=new_token)
    client = models.ForeignKey(OAuthClient, models.CASCADE, related_name="+")
    person = models.ForeignKey(Account, models.CASCADE, related_name="+")
    redirect_uri = models.CharField(_("redirect address"), max_length=2000)
    code_challenge = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("authorization code")
        verbose_name_plural = _("authorization codes")

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_valid(self) -> bool:
        """Whether the code has not expired."""
        return self.created_at > timezone.now() - CODE_LIFETIME

    @classmethod
    def issue(cls, **fields: object) -> "AuthorizationCode":
        """Create a code, and delete those that nobody can exchange any more."""
        cls.objects.filter(created_at__lt=timezone.now() - CODES_KEPT).delete()
        return cls.objects.create(**fields)


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def valid(self) -> "AccessTokenQuerySet":
        """Filter tokens that were not revoked, of people who are not suspended."""
        return self.filter(revoked_at=None, person__suspended=False)


class AccessToken(models.Model):
    """Lets a bot act on behalf of a person, until it is revoked."""

    token = models.CharField(_("token"), max_length=64, unique=True, default=new_token)
    client = models.ForeignKey(
        OAuthClient, models.CASCADE, related_name="tokens", verbose_name=_("OAuth client")
    )
    person = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name=_("person"))
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("token of a person")
        verbose_name_plural = _("tokens of people")

    def __str__(self) -> str:
        return f"#{self.pk}"

    @classmethod
    @transaction.atomic
    def grant(cls, client: OAuthClient, person: Account) -> "AccessToken":
        """Return the token that the person has granted for the same scopes, or a new one."""
        OAuthClient.objects.select_for_update().get(pk=client.pk)
        rows = cls.objects.filter(client=client, person=person, revoked_at=None)
        same = next((row for row in rows if set(row.scopes) == set(client.scopes)), None)
        return same or cls.objects.create(client=client, person=person, scopes=client.scopes)

    def note_use(self) -> None:
        """Write down that the token is used now, once a minute."""
        now = timezone.now()
        if self.last_used_at is None or self.last_used_at < now - LAST_USED_PRECISION:
            self.last_used_at = now
            self.save(update_fields=["last_used_at"])

    def revoke(self) -> None:
        """End the token; calls with it are refused from now on."""
        self.revoked_at = timezone.now()
        self.save(update_fields=["revoked_at"])
