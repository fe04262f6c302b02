"""Who is who: the accounts that people have in Pachca, and the codes that prove it."""

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
# Without what looks alike: 0 and O, 1, I and L.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class PachcaAccountManager(models.Manager["PachcaAccount"]):
    def of(self, bot: Bot, pachca_user_id: int) -> "PachcaAccount | None":
        """Return the linked account of whoever wrote to the bot; someone blocked has none."""
        mine = self.filter(in_sandbox=bot.in_sandbox, pachca_user_id=pachca_user_id)
        return mine.select_related("person").filter(person__is_active=True).first()

    def person_of(self, bot: Bot, pachca_user_id: int) -> AbstractBaseUser | None:
        account = self.of(bot, pachca_user_id)
        return account.person if account else None

    def link(
        self, person: AbstractBaseUser, pachca_user_id: int, *, in_sandbox: bool
    ) -> "PachcaAccount":
        """Say whose account it is, whoever had it before."""
        whose = {"person_id": person.pk, "linked_at": timezone.now()}
        return self.update_or_create(
            in_sandbox=in_sandbox, pachca_user_id=pachca_user_id, defaults=whose
        )[0]


class PachcaAccount(models.Model):
    """An account in Pachca, or in the sandbox, that is known to be a person's."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="pachca_accounts",
        verbose_name=_("person"),
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
                violation_error_message=_("This account is somebody's already."),
            ),
        ]

    def __str__(self) -> str:
        place = _("Sandbox") if self.in_sandbox else _("Pachca")
        return f"{place} {self.pachca_user_id}"


class LinkCodeManager(models.Manager["LinkCode"]):
    def make(self, person: AbstractBaseUser) -> tuple[str, datetime]:
        """Return a new code of the person, and when it ends; the one before it is void."""
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        expires_at = timezone.now() + CODE_LIVES
        self.update_or_create(
            person_id=person.pk, defaults={"digest": _digest(code), "expires_at": expires_at}
        )
        return code, expires_at

    def spend(self, code: str) -> AbstractBaseUser | None:
        """Return whose code it is; of two at once only one is told."""
        valid = self.filter(
            digest=_digest(code), expires_at__gt=timezone.now(), person__is_active=True
        )
        found = valid.select_related("person").first()
        if found is None or not self.filter(pk=found.pk, digest=found.digest).delete()[0]:
            return None
        return found.person


class LinkCode(models.Model):
    """The one code of a person that is not spent yet, hashed, for the few minutes that it lives."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(editable=False)

    objects = LinkCodeManager()

    def __str__(self) -> str:
        return str(self.person)


def _digest(code: str) -> str:
    """Return what is kept of a code; people may write it small and with spaces."""
    plain = "".join(code.upper().split())
    return salted_hmac("bots.LinkCode", plain, algorithm="sha256").hexdigest()
