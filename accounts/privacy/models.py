"""Copies of people's data, and deletions of accounts: a job row each."""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.rows import OPEN, Job, JobManager, State

FILE_LIFETIME = timedelta(days=3)
FOLDER = "exports/"  # in the storage


class DataExportManager(JobManager["DataExport"]):
    """Finds exports by what can be done with them."""

    def downloadable_by(self, person: Any) -> models.QuerySet["DataExport"]:
        """Return the exports whose files the person may download now."""
        mine = self.filter(person_id=person.pk, state=State.DONE)
        return mine.filter(expires_at__gt=timezone.now())

    def outdated(self) -> models.QuerySet["DataExport"]:
        """Return the exports that ended so long ago that their files and rows are deleted."""
        return self.filter(
            Q(expires_at__lte=timezone.now())
            | Q(expires_at=None, finished_at__lte=timezone.now() - FILE_LIFETIME)
        )


class DataExport(Job):
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"), related_name="+"
    )
    file = models.FileField(_("file"), blank=True)
    expires_at = models.DateTimeField(_("valid until"), null=True, editable=False, db_index=True)

    objects: ClassVar[DataExportManager] = DataExportManager()

    class Meta:
        verbose_name = _("data export")
        verbose_name_plural = _("data exports")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(state__in=OPEN), name="privacy_one_open_export"
            )
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether the export is waiting or in progress."""
        return self.state in OPEN

    @property
    def is_ready(self) -> bool:
        """Whether the file can be downloaded."""
        return (
            self.state == State.DONE
            and self.expires_at is not None
            and self.expires_at > timezone.now()
        )


class AccountDeletionManager(JobManager["AccountDeletion"]):
    """Claims deletions."""


class AccountDeletion(Job):
    """The deletion of a person's account, which the person has asked for.

    The row stays as a record that the account was deleted; the address is emptied at the end.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"), related_name="+"
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)

    objects: ClassVar[AccountDeletionManager] = AccountDeletionManager()

    class Meta:
        verbose_name = _("account deletion")
        verbose_name_plural = _("account deletions")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"#{self.pk}"
