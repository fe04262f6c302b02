"""An update: what Pachca told a bot, kept from the moment it arrived."""

import json
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from bots.jobs import OPEN, Job, JobManager
from bots.models.bot import Bot


class Update(Job):
    """One event as it came, byte for byte, and what became of it."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="updates", verbose_name=_("bot"))
    key = models.CharField(
        _("key"), max_length=200, help_text=_("What makes the event unique: a repeat has the same.")
    )
    kind = models.CharField(_("kind"), max_length=64)
    chat = models.CharField(
        _("chat"), max_length=64, blank=True, help_text=_("Updates of one chat keep their order.")
    )
    raw = models.TextField(_("as it came"))
    handler = models.CharField(_("handler"), max_length=200, blank=True)
    continues = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("continues"),
        help_text=_("The update whose handler left slow parts for later: this row is those parts."),
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
        return f"{self.kind} {self.pk}"

    @property
    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = json.loads(self.raw)
        return payload

    def next_in_chat(self) -> int | None:
        """Return which update the chat has to handle next, this one or another; None if none."""
        if not self.chat:
            return None
        waiting = Update.objects.in_chat(self.bot_id, self.chat)
        return waiting.values_list("pk", flat=True).first()
