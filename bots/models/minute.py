"""Statistics per minute, for the charts."""

from django.db import models
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from bots.models.bot import Bot


class Minute(models.Model):
    """Statistics of one minute, computed after its end.

    Times are seconds from the arrival of updates to their completion. The age of the queue is that
    of the oldest open update at the end of the minute.
    """

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="minutes", verbose_name=_("bot"))
    minute = models.DateTimeField(_("minute"))
    updates = models.PositiveIntegerField(_("updates"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    calls = models.PositiveIntegerField(_("calls"), default=0)
    refused = models.PositiveIntegerField(_("failed calls"), default=0)
    queue_age = models.FloatField(_("age of the queue, s"), default=0)
    p50 = models.FloatField("p50", null=True)
    p99 = models.FloatField("p99", null=True)

    class Meta:
        verbose_name = _("minute")
        verbose_name_plural = _("minutes")
        constraints = [models.UniqueConstraint(fields=["bot", "minute"], name="bots_minute_once")]
        indexes = [models.Index(fields=["minute"], name="bots_minute_at")]

    def __str__(self) -> str:
        return date_format(localtime(self.minute), "SHORT_DATETIME_FORMAT")
