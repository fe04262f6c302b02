"""A conversation: what a bot remembers of it between two messages."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bots.models.bot import Bot


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def forgotten(self, before: datetime) -> Self:
        """Conversations that have expired, or have ended and were not taken up since `before`."""
        has_expired = models.Q(expires_at__lte=timezone.now())
        has_ended = models.Q(state="", data={}, changed_at__lt=before)
        return self.filter(has_expired | has_ended)


class Conversation(models.Model):
    """Where a conversation with a bot stands, and what was said in it so far."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="+", verbose_name=_("bot"))
    key = models.CharField(_("whose"), max_length=100)
    state = models.CharField(_("state"), max_length=255, blank=True)
    data = models.JSONField(_("what is remembered"), default=dict)
    version = models.PositiveIntegerField(default=1, editable=False)
    expires_at = models.DateTimeField(_("forgotten at"), null=True, blank=True, db_index=True)
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
