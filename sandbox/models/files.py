"""Uploaded files, and files of messages."""

from urllib.parse import quote

from django.conf import settings
from django.core import signing
from django.db import models
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from sandbox.models.accounts import Account
from sandbox.models.messages import Message

signer = signing.Signer(salt="sandbox.file")


class Upload(models.Model):
    """An uploaded file, under the key that was granted for it."""

    key = models.CharField(_("key"), max_length=500, unique=True)
    owner = models.ForeignKey(Account, models.CASCADE, verbose_name=_("owner"))
    content = models.FileField(_("content"), upload_to="sandbox/%Y/%m/%d", max_length=500)
    content_type = models.CharField(_("type"), max_length=255)
    size = models.BigIntegerField(_("size"))
    created_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")

    def __str__(self) -> str:
        return self.key


class FileType(models.TextChoices):
    FILE = "file", _("file")
    IMAGE = "image", _("image")
    AUDIO = "audio", _("audio")
    VIDEO = "video", _("video")
    VOICE = "voice", _("voice message")


class Attachment(models.Model):
    """A file of a message. Name, type and duration are as the sender specified them."""

    message = models.ForeignKey(
        Message, models.CASCADE, related_name="files", verbose_name=_("message")
    )
    key = models.CharField(_("key"), max_length=500)
    name = models.CharField(_("name"), max_length=255)
    file_type = models.CharField(_("type"), max_length=5, choices=FileType.choices)
    size = models.BigIntegerField(_("size"), default=0)
    width = models.IntegerField(_("width"), null=True, blank=True)
    height = models.IntegerField(_("height"), null=True, blank=True)
    duration_ms = models.IntegerField(_("duration, ms"), null=True, blank=True)
    waveform = models.CharField(_("waveform"), max_length=256, blank=True)

    class Meta:
        verbose_name = _("file of a message")
        verbose_name_plural = _("files of messages")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """The signed URL of the file, which works without signing in."""
        query = urlencode({"token": signer.signature(self.key)})
        return f"{settings.SITE_URL}/sandbox/files/{quote(self.key)}?{query}"
