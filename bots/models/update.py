"""Updates: events received from Pachca."""

import json
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from bots.models.bot import Bot
from bots.models.jobs import OPEN, Job, JobManager


class Update(Job):
    """An event with its unchanged payload and the state of its handling."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="updates", verbose_name=_("bot"))
    key = models.CharField(
        _("key"),
        max_length=200,
        help_text=_("Identifies the event. A redelivery has the same key."),
    )
    kind = models.CharField(_("type"), max_length=64)
    chat = models.CharField(
        _("chat"),
        max_length=64,
        blank=True,
        help_text=_("Updates of one chat are handled in order."),
    )
    raw = models.TextField(_("payload"))
    handler = models.CharField(_("handler"), max_length=200, blank=True)
    continues = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("continuation of"),
        help_text=_("The update whose slow parts this row runs."),
    )

    objects = JobManager["Update"]()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("update")
        verbose_name_plural = _("updates")
        constraints = [models.UniqueConstraint(fields=["bot", "key"], name="bots_update_once")]
        indexes = [
            models.Index(fields=["created_at"], name="bots_update_created"),
            models.Index(
                fields=["bot", "chat", "id"],
                name="bots_update_open",
                condition=models.Q(state__in=OPEN),
            ),
            models.Index(
                fields=["state", "due_at"],
                name="bots_update_due",
                condition=models.Q(state__in=OPEN),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = json.loads(self.raw)
        return payload

    def next_in_chat(self) -> int | None:
        """Return the id of the next update of the chat, or None."""
        if not self.chat:
            return None
        waiting = Update.objects.in_chat(self.bot_id, self.chat)
        return waiting.values_list("pk", flat=True).first()
