"""Speech: one request to have a text spoken."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tts.models.audio import Audio

MAX_ROUTE_LENGTH = 500


class SpeechState(models.TextChoices):
    """The state of a speech."""

    PENDING = "pending", _("queued")
    PROCESSING = "processing", _("in progress")
    READY = "ready", pgettext_lazy("speech", "ready")
    FAILED = "failed", pgettext_lazy("speech", "failed")
    CANCELLED = "cancelled", pgettext_lazy("speech", "cancelled")


OPEN = (SpeechState.PENDING, SpeechState.PROCESSING)


class SpeechQuerySet(models.QuerySet["Speech"]):
    """Queries on speeches."""

    def open(self) -> Self:
        """Return the speeches that are not finished."""
        return self.filter(state__in=OPEN)

    def on_route(self, owner: Any, route: str) -> Self:
        """Return the current speech of a route, at most one."""
        return self.filter(owner=owner, route=route, is_current=True)

    def newest_of(self, owner: Any) -> Self:
        """Return the speeches of an owner, the newest first."""
        return self.filter(owner=owner).select_related("audio").order_by("-pk")

    def counts(self) -> dict[str, int]:
        """Return the number of rows in each state, zeros included."""
        rows = self.order_by().values_list("state").annotate(models.Count("pk"))
        return dict.fromkeys(SpeechState.values, 0) | dict(rows)


class Speech(models.Model):
    """One request. The state changes by compare-and-set: of two concurrent changes one wins.

    `route` is the owner's own id for the text, or "". Of a route's speeches only the latest
    `is_current`; it alone answers for the route. A speech that `is_kept` does not expire. `reason`
    says why the speech failed or, if it is ready, why a fallback engine spoke. `context` is data of
    the caller, for receivers of `speech_finished`.
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
    route = models.CharField(_("route"), max_length=MAX_ROUTE_LENGTH, blank=True)
    text_hash = models.CharField(max_length=64, editable=False)
    text_length = models.PositiveIntegerField(_("characters"))
    state = models.CharField(
        _("state"), max_length=10, choices=SpeechState, default=SpeechState.PENDING
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    is_current = models.BooleanField(default=True, editable=False)
    is_kept = models.BooleanField(_("never expires"), default=False)
    context = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(_("requested"), auto_now_add=True)
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
        """Whether the speech is queued or in progress."""
        return self.state in OPEN

    @property
    def is_ready(self) -> bool:
        """Whether the speech can be played."""
        return self.state == SpeechState.READY

    @property
    def link(self) -> str:
        """The path of the file on this site; "" until the speech is ready."""
        return self.audio.link if self.is_ready else ""

    def move(
        self, state: SpeechState, *, among: tuple[SpeechState, ...] = OPEN, reason: str = ""
    ) -> bool:
        """Change to `state` if the current state is `among` those given; False otherwise."""
        changes: dict[str, Any] = {"state": state, "reason": reason[:300]}
        if state not in OPEN:
            changes["finished_at"] = timezone.now()
        if not type(self).objects.filter(pk=self.pk, state__in=among).update(**changes):
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        return True
