"""Tokens with which the site acts in Pachca for people, and avatars that are to be fetched."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bots.models import PachcaAccount
from bots.models.fields import EncryptedTextField
from jobs.rows import Job, JobManager

MAX_URL_LENGTH = 2000


class AvatarDownloadManager(JobManager["AvatarDownload"]):
    """Finds and claims downloads of avatars."""


class AvatarDownload(Job):
    """A job: fetch the picture that a person has in Pachca.

    `stored_as` is the file that was fetched last: it may be replaced, a picture that the person has
    uploaded here may not.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"), related_name="+"
    )
    url = models.CharField(_("address"), max_length=MAX_URL_LENGTH)
    in_sandbox = models.BooleanField(_("in the sandbox"), default=False)
    stored_as = models.CharField(max_length=100, default="", db_default="", editable=False)

    objects: ClassVar[AvatarDownloadManager] = AvatarDownloadManager()

    class Meta:
        verbose_name = _("avatar download")
        verbose_name_plural = _("avatar downloads")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"№ {self.pk}"


class PachcaGrant(models.Model):
    """The token with which the site acts in Pachca on behalf of the owner of a linked account.

    It goes with the link: unlinking deletes it, and it belongs to whom the account is linked to.
    """

    account = models.OneToOneField(
        PachcaAccount, models.CASCADE, related_name="grant", verbose_name=_("Pachca account")
    )
    token = EncryptedTextField(_("token"))
    scopes = models.JSONField(_("scopes"), default=list)
    granted_at = models.DateTimeField(_("granted"), default=timezone.now)
    checked_at = models.DateTimeField(_("checked"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("access granted in Pachca")
        verbose_name_plural = _("access granted in Pachca")

    def __str__(self) -> str:
        return str(self.account)
