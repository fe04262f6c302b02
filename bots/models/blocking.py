"""Functions that have blocked an event loop, recorded by the watchdog."""

from typing import Any

from django.db import models
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class BlockingFunctionManager(models.Manager["BlockingFunction"]):
    def begin(self, name: str, process: str, stack: str) -> None:
        """Record that the function blocks a loop now, with its stack."""
        now = {"last_at": timezone.now(), "process": process[:200], "stack": stack}
        row, is_new = self.get_or_create(name=name[:200], defaults={"times": 1, **now})
        if not is_new:
            self._change(row.name, times=F("times") + 1, **now)

    def end(self, name: str, seconds: float) -> None:
        """Record for how long the function has blocked the loop."""
        longest = Greatest(F("longest"), seconds, output_field=models.FloatField())
        self._change(name[:200], seconds=F("seconds") + seconds, longest=longest)

    def _change(self, name: str, **changes: Any) -> None:
        self.filter(name=name).update(**changes)


class BlockingFunction(models.Model):
    """A row per function, with the stack of the last occurrence."""

    name = models.CharField(pgettext_lazy("title", "name"), max_length=200, unique=True)
    times = models.PositiveBigIntegerField(_("occurrences"), default=0)
    seconds = models.FloatField(_("total, s"), default=0)
    longest = models.FloatField(_("longest, s"), default=0)
    last_at = models.DateTimeField(_("last seen"))
    process = models.CharField(_("process"), max_length=200)
    stack = models.TextField(_("call stack"))

    objects = BlockingFunctionManager()

    class Meta:
        ordering = ("-last_at",)
        verbose_name = _("blocking function")
        verbose_name_plural = _("blocking functions")

    def __str__(self) -> str:
        return self.name
