"""The model of bots."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bots.models.fields import EncryptedTextField


class BotQuerySet(models.QuerySet["Bot"]):
    def on(self) -> Self:
        return self.filter(is_on=True)


class Bot(models.Model):
    """A bot of a Pachca workspace or of the sandbox that this installation serves."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(
        _("address"),
        unique=True,
        help_text=_(
            "Part of the webhook address. If you change it, change the address in Pachca too."
        ),
    )
    token = EncryptedTextField(_("access token"), blank=True)
    signing_secret = EncryptedTextField(_("signing secret"), blank=True)
    pachca_user_id = models.BigIntegerField(
        _("Pachca user id of the bot"),
        null=True,
        blank=True,
        help_text=_("Used to recognise the bot's own messages. Set by “Check the connection”."),
    )
    in_sandbox = models.BooleanField(
        _("in the sandbox"),
        default=False,
        help_text=_("Connects to the emulator instead of Pachca."),
    )
    answers_here = models.BooleanField(
        _("replies in the same chat"),
        default=False,
        help_text=_("By default, replies go to the author's private chat."),
    )
    hears_itself = models.BooleanField(
        _("handles its own messages"),
        default=False,
        help_text=_("A bot that replies to its own messages may loop."),
    )
    is_on = models.BooleanField(_("enabled"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    unreachable_since = models.DateTimeField(
        _("Pachca unreachable since"), null=True, blank=True, editable=False
    )
    unreachable_reason = models.TextField(
        _("reason"), blank=True, default="", db_default="", editable=False
    )
    history_read_at = models.DateTimeField(_("history read until"), null=True, editable=False)

    objects = BotQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("bot")
        verbose_name_plural = _("bots")

    def __str__(self) -> str:
        return self.name

    @property
    def api_url(self) -> str:
        return settings.SANDBOX_API_URL if self.in_sandbox else settings.PACHCA_API_URL

    @property
    def webhook_url(self) -> str:
        return f"{settings.SITE_URL}/bots/{self.slug}/webhook"
