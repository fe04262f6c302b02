"""Pachca accounts of users, and the codes that link them."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from bots.models.bot import Bot

CODE_LIVES = timedelta(minutes=10)
CODE_LENGTH = 8
# Without similar characters: 0 and O, 1, I and L.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class PachcaAccountManager(models.Manager["PachcaAccount"]):
    def of(self, bot: Bot, pachca_user_id: int) -> "PachcaAccount | None":
        """Return the account of the author of an event, or None; inactive users have none."""
        mine = self.filter(in_sandbox=bot.in_sandbox, pachca_user_id=pachca_user_id)
        return mine.select_related("person").filter(person__is_active=True).first()

    def person_of(self, bot: Bot, pachca_user_id: int) -> AbstractBaseUser | None:
        account = self.of(bot, pachca_user_id)
        return account.person if account else None

    def link(
        self, person: AbstractBaseUser, pachca_user_id: int, *, in_sandbox: bool
    ) -> "PachcaAccount":
        """Link the account to a user, also if it was linked to another one."""
        whose = {"person_id": person.pk, "linked_at": timezone.now()}
        return self.update_or_create(
            in_sandbox=in_sandbox, pachca_user_id=pachca_user_id, defaults=whose
        )[0]


class PachcaAccount(models.Model):
    """An account in Pachca or the sandbox that is linked to a user."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="pachca_accounts",
        verbose_name=_("user"),
    )
    pachca_user_id = models.BigIntegerField(_("Pachca user id"))
    in_sandbox = models.BooleanField(_("in the sandbox"), default=False)
    linked_at = models.DateTimeField(_("linked"), default=timezone.now, editable=False)

    objects = PachcaAccountManager()

    class Meta:
        ordering = ("-linked_at",)
        verbose_name = _("Pachca account")
        verbose_name_plural = _("Pachca accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["in_sandbox", "pachca_user_id"],
                name="bots_pachca_account_once",
                violation_error_message=_("This Pachca account is already linked to another user."),
            ),
        ]

    def __str__(self) -> str:
        place = _("Sandbox") if self.in_sandbox else _("Pachca")
        return f"{place} {self.pachca_user_id}"


class LinkCodeManager(models.Manager["LinkCode"]):
    def make(self, person: AbstractBaseUser) -> tuple[str, datetime]:
        """Create a code for the user and return it with its expiry; invalidates the former one."""
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        expires_at = timezone.now() + CODE_LIVES
        self.update_or_create(
            person_id=person.pk, defaults={"digest": _digest(code), "expires_at": expires_at}
        )
        return code, expires_at

    def spend(self, code: str) -> AbstractBaseUser | None:
        """Delete a code and return its user; of concurrent calls, only one succeeds."""
        valid_under = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        valid = self.filter(
            digest__in=[_digest(code, secret) for secret in valid_under],
            expires_at__gt=timezone.now(),
            person__is_active=True,
        )
        found = valid.select_related("person").first()
        if found is None or not self.filter(pk=found.pk, digest=found.digest).delete()[0]:
            return None
        return found.person


class LinkCode(models.Model):
    """The unused, hashed code of a user, which expires after a few minutes."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="+",
        verbose_name=_("user"),
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(_("valid until"), editable=False)

    objects = LinkCodeManager()

    class Meta:
        verbose_name = _("linking code")
        verbose_name_plural = _("linking codes")

    def __str__(self) -> str:
        return str(self.person)


def _digest(code: str, secret: str | None = None) -> str:
    """Return the stored hash of a code, ignoring case and spaces."""
    plain = "".join(code.upper().split())
    return salted_hmac("bots.LinkCode", plain, secret=secret, algorithm="sha256").hexdigest()
