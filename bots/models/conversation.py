"""Conversations: state and data between messages."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bots.models.bot import Bot


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def forgotten(self, before: datetime) -> Self:
        """Return conversations that have expired, or have no state and are older than `before`."""
        has_expired = models.Q(expires_at__lte=timezone.now())
        has_ended = models.Q(state="", data={}, changed_at__lt=before)
        return self.filter(has_expired | has_ended)


class Conversation(models.Model):
    """The state and data of a conversation with a bot."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="+", verbose_name=_("bot"))
    key = models.CharField(_("key"), max_length=100)
    state = models.CharField(_("state"), max_length=255, blank=True)
    data = models.JSONField(_("data"), default=dict)
    version = models.PositiveIntegerField(default=1, editable=False)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True, db_index=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ("-changed_at",)
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(fields=["bot", "key"], name="bots_conversation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"
