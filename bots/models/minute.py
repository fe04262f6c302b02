"""What happened in a minute: the counts that the charts are drawn from."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bots.models.bot import Bot


class Minute(models.Model):
    """Counted once the minute is over, so that nobody has to count rows to draw a chart.

    Times are the seconds from an update's arrival to its end; the age of the queue is that of the
    oldest update that was still open when the minute was over.
    """

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="minutes", verbose_name=_("bot"))
    minute = models.DateTimeField(_("minute"))
    updates = models.PositiveIntegerField(_("updates"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    calls = models.PositiveIntegerField(_("calls"), default=0)
    refused = models.PositiveIntegerField(_("calls that failed"), default=0)
    queue_age = models.FloatField(_("age of the queue, s"), default=0)
    p50 = models.FloatField("p50", null=True)
    p99 = models.FloatField("p99", null=True)

    class Meta:
        verbose_name = _("minute")
        verbose_name_plural = _("minutes")
        constraints = [models.UniqueConstraint(fields=["bot", "minute"], name="bots_minute_once")]
        indexes = [models.Index(fields=["minute"], name="bots_minute_at")]

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M}"
