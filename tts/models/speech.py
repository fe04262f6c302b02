"""Speech: what one caller asked to have said."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tts.models.audio import Audio

LONGEST_ROUTE = 500


class SpeechState(models.TextChoices):
    PENDING = "pending", _("in the queue")
    PROCESSING = "processing", _("being spoken")
    READY = "ready", pgettext_lazy("speech", "ready")
    FAILED = "failed", pgettext_lazy("speech", "failed")
    CANCELLED = "cancelled", pgettext_lazy("speech", "cancelled")


OPEN = (SpeechState.PENDING, SpeechState.PROCESSING)


class SpeechQuerySet(models.QuerySet["Speech"]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def on_route(self, owner: Any, route: str) -> Self:
        """Return the speech that answers for a route now, if there is one."""
        return self.filter(owner=owner, route=route, is_current=True)

    def newest_of(self, owner: Any) -> Self:
        return self.filter(owner=owner).select_related("audio").order_by("-pk")

    def counts(self) -> dict[str, int]:
        """Return how many there are in each state, those of none included."""
        rows = self.order_by().values_list("state").annotate(models.Count("pk"))
        return dict.fromkeys(SpeechState.values, 0) | dict(rows)


class Speech(models.Model):
    """One request. Its states change by compare-and-set, so of two changes only one happens.

    `route` is the caller's own id for the text, or "". Of a route's speeches the last one asked for
    `is_current`: no other can become its answer. Those that are `is_kept` stay when old audio goes.
    `context` is what the caller wants to be told with the outcome.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="speeches",
        verbose_name=_("owner"),
    )
    audio = models.ForeignKey(Audio, models.CASCADE, related_name="speeches")
    route = models.CharField(_("route"), max_length=LONGEST_ROUTE, blank=True)
    text_hash = models.CharField(max_length=64, editable=False)
    text_length = models.PositiveIntegerField(_("characters"))
    state = models.CharField(
        _("state"), max_length=10, choices=SpeechState, default=SpeechState.PENDING
    )
    reason = models.CharField(_("reason of failure"), max_length=300, blank=True)
    is_current = models.BooleanField(default=True, editable=False)
    is_kept = models.BooleanField(_("kept"), default=False)
    context = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = SpeechQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("speech")
        verbose_name_plural = _("speeches")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "route"],
                condition=Q(is_current=True, owner__isnull=False) & ~Q(route=""),
                name="tts_route_once",
            ),
            models.UniqueConstraint(
                fields=["route"],
                condition=Q(is_current=True, owner__isnull=True) & ~Q(route=""),
                name="tts_ownerless_route_once",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="tts_speech_of_owner"),
            models.Index(fields=["audio"], name="tts_speech_open", condition=Q(state__in=OPEN)),
            models.Index(
                fields=["owner"], name="tts_speech_open_of_owner", condition=Q(state__in=OPEN)
            ),
        ]

    def __str__(self) -> str:
        return self.route or f"{_('speech')} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_ready(self) -> bool:
        return self.state == SpeechState.READY

    @property
    def link(self) -> str:
        """Where the file is, as a path on this site; "" until it is ready."""
        return self.audio.link if self.is_ready else ""

    def move(
        self, state: SpeechState, *, among: tuple[SpeechState, ...] = OPEN, reason: str = ""
    ) -> bool:
        """Go over to `state` from one `among` those given; False when it is in another by now."""
        changes: dict[str, Any] = {"state": state, "reason": reason[:300]}
        if state not in OPEN:
            changes["finished_at"] = timezone.now()
        if not type(self).objects.filter(pk=self.pk, state__in=among).update(**changes):
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        return True
