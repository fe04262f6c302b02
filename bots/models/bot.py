"""A bot."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bots.fields import EncryptedTextField


class BotQuerySet(models.QuerySet["Bot"]):
    def on(self) -> Self:
        return self.filter(is_on=True)


class Bot(models.Model):
    """A bot of a Pachca workspace (or of the sandbox) that this installation answers for."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(
        _("address"),
        unique=True,
        help_text=_("Part of its webhook address. Pachca must be told anew."),
    )
    token = EncryptedTextField(_("access token"), blank=True)
    signing_secret = EncryptedTextField(_("signing secret"), blank=True)
    pachca_user_id = models.BigIntegerField(
        _("own Pachca user id"),
        null=True,
        blank=True,
        help_text=_("How the bot knows its own messages. Filled in by “Check the connection”."),
    )
    in_sandbox = models.BooleanField(
        _("lives in the sandbox"),
        default=False,
        help_text=_("Talks to the emulator, not to Pachca."),
    )
    answers_here = models.BooleanField(
        _("answers in the same chat"),
        default=False,
        help_text=_("By default it answers privately whoever wrote."),
    )
    hears_itself = models.BooleanField(
        _("hears itself"),
        default=False,
        help_text=_("Its own messages are handled too. Beware of a bot that answers itself."),
    )
    is_on = models.BooleanField(_("on"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    history_read_at = models.DateTimeField(_("history read"), null=True, editable=False)

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
