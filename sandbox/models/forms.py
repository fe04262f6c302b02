"""Forms, and the short-lived triggers that allow opening them."""

import uuid
from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sandbox.models.accounts import Account
from sandbox.models.chats import Chat
from sandbox.models.messages import Message

TRIGGER_TIMEOUT = timedelta(seconds=3)


def new_id() -> str:
    return str(uuid.uuid4())


class Trigger(models.Model):
    """A click on a button. Within 3 seconds the bot may open one form for the person."""

    id = models.CharField(primary_key=True, max_length=36, default=new_id)
    bot = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name=_("bot"))
    user = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name=_("user"))
    message = models.ForeignKey(Message, models.CASCADE, verbose_name=_("message"))
    created_at = models.DateTimeField(_("pressed at"), default=timezone.now)
    is_used = models.BooleanField(_("is used"), default=False)

    class Meta:
        verbose_name = _("trigger")
        verbose_name_plural = _("triggers")

    def __str__(self) -> str:
        return self.id

    @property
    def is_expired(self) -> bool:
        return timezone.now() - self.created_at > TRIGGER_TIMEOUT

    def use(self) -> bool:
        """Mark the trigger as used; return False if it was used before."""
        return bool(Trigger.objects.filter(pk=self.pk, is_used=False).update(is_used=True))


class View(models.Model):
    """A form that a bot shows to a person."""

    id = models.CharField(primary_key=True, max_length=36, default=new_id)
    bot = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name=_("bot"))
    user = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name=_("user"))
    chat = models.ForeignKey(Chat, models.CASCADE, verbose_name=_("chat"))
    message = models.ForeignKey(Message, models.CASCADE, verbose_name=_("message"))
    callback_id = models.CharField(_("callback id"), max_length=255, blank=True)
    private_metadata = models.TextField(_("private metadata"), blank=True)
    body = models.JSONField(_("body"))
    opened_at = models.DateTimeField(_("opened at"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("form")
        verbose_name_plural = _("forms")

    def __str__(self) -> str:
        return str(self.body["title"])
