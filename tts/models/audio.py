"""Audio: a file that is synthesised once and shared by all speeches with the same spec."""

import json
from hashlib import sha256

from django.db import models
from django.db.models import Case, Min, Q, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.database_clock import FromNow
from jobs.rows import OPEN, Job, JobManager, State
from tts import engines
from tts.synthesis import SpeechSpec

# Part of every key. Increase it when the same spec results in a different sound than before.
SYNTHESIS_VERSION = 2


class AudioManager(JobManager["Audio"]):
    """Claims audio rows in a fair order."""

    def claim_next(self) -> "Audio | None":
        """Claim the row whose turn it is; None if no row can be claimed."""
        for pk in self.by_turn().values_list("pk", flat=True)[:20]:
            if audio := self.claim(pk):
                return audio
        return None

    def by_turn(self) -> models.QuerySet["Audio"]:
        """Return the claimable rows, first those of owners with fewer rows in work.

        Among equals the row that has waited longest comes first. So the texts of one owner never
        occupy all workers while others wait.
        """
        is_open = Q(speeches__finished_at__isnull=True)
        in_work = self.filter(is_open, state=State.WORKING, claimed_until__gte=FromNow())
        busy = in_work.values_list("speeches__owner").annotate(models.Count("pk", distinct=True))
        of_owner = [When(Q(speeches__owner=owner), then=count) for owner, count in busy.order_by()]
        if not of_owner:
            return self.claimable().order_by("due_at", "pk")
        # Audio that several owners wait for counts for the one with the fewest rows.
        load = Min(Case(*of_owner, default=0), filter=is_open)
        return self.claimable().annotate(load=Coalesce(load, 0)).order_by("load", "due_at", "pk")


class Audio(Job):
    """One text spoken by one voice at one speed: the job, and the file that results from it.

    `engine` and `voice` are the requested ones, `spoken_by` is the engine and the voice that reads
    most of the text. If the engine failed and another one spoke instead, there is no file here:
    `spoken_by` names the other voice, whose audio has its own row, and `fell_back` is the reason.
    `hash` is the SHA-256 of the file's bytes and its name; "" while there is no file.
    """

    key = models.CharField(max_length=64, unique=True, editable=False)
    text = models.TextField(_("text"))
    is_ssml = models.BooleanField(_("SSML"), default=False)
    voice = models.CharField(_("voice"), max_length=100)
    engine = models.CharField(_("engine"), max_length=50)
    speed = models.FloatField(_("speed"), default=1.0)

    progress = models.FloatField(_("progress"), default=0.0)
    spoken_by = models.CharField(_("spoken by"), max_length=100, blank=True)
    fell_back = models.CharField(_("reason for the fallback"), max_length=300, blank=True)
    hash = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    size = models.PositiveIntegerField(_("size"), default=0)
    duration = models.FloatField(_("seconds"), default=0.0)
    waveform = models.CharField(max_length=256, blank=True, editable=False)
    used_at = models.DateTimeField(_("last used"), default=timezone.now, editable=False)

    objects = AudioManager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("audio")
        verbose_name_plural = _("audio files")
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="tts_audio_due", condition=models.Q(state__in=OPEN)
            ),
            models.Index(fields=["used_at"], name="tts_audio_used"),
            models.Index(fields=["finished_at"], name="tts_audio_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.voice}: {self.text[:50]}"

    @classmethod
    def key_of(cls, spec: SpeechSpec) -> str:
        """Return the key of a resolved spec; specs with the same key share the audio."""
        parts = [SYNTHESIS_VERSION, spec.text, spec.is_ssml, spec.voice, spec.engine, spec.speed]
        return sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def spec(self) -> SpeechSpec:
        """The resolved spec."""
        return SpeechSpec(self.text, self.is_ssml, self.voice, self.engine, self.speed)

    @property
    def has_file(self) -> bool:
        """Whether there is a file; it remains while a new one is being made."""
        return bool(self.hash)

    @property
    def link(self) -> str:
        """The path of the file on this site; "" while there is none."""
        return f"/tts/files/{self.hash}.mp3" if self.hash else ""

    @property
    def speaker(self) -> str:
        """The label of the voice that reads most of the text."""
        return engines.label_of(self.spoken_by.rpartition(": ")[2] or self.voice)

    def again(self) -> None:
        """Reset the job so that the text is synthesised from its beginning."""
        self.progress = 0.0
        self.save(update_fields=["progress"])
        super().again()
