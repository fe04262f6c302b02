"""Audio: a file that is made once, whoever asks for it and how often."""

import json
from hashlib import sha256

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.rows import OPEN, Job, JobManager
from tts.synthesis import Wish

# A part of every key: raise it when the same wish is spoken differently than before.
MAKING = 1


class AudioManager(JobManager["Audio"]):
    def claim_next(self) -> "Audio | None":
        """Take the row that has waited longest; None when there is nothing to make."""
        for pk in self.claimable().order_by("due_at", "pk").values_list("pk", flat=True)[:20]:
            if audio := self.claim(pk):
                return audio
        return None


class Audio(Job):
    """The speech of one text by one voice at one speed, as a job and as the file that it became.

    `engine` and `voice` are what was asked for, `spoken_by` is who really spoke, and `fell_back`
    tells why that is another. `hash` is the SHA-256 of the file's bytes, by which it is named; ""
    while there is none.
    """

    key = models.CharField(max_length=64, unique=True, editable=False)
    text = models.TextField(_("text"))
    is_ssml = models.BooleanField(_("is SSML"), default=False)
    voice = models.CharField(_("voice"), max_length=100)
    engine = models.CharField(_("engine"), max_length=50)
    speed = models.FloatField(_("speed"), default=1.0)

    progress = models.FloatField(_("progress"), default=0.0)
    spoken_by = models.CharField(_("spoken by"), max_length=100, blank=True)
    fell_back = models.CharField(_("fell back because"), max_length=300, blank=True)
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
    def key_of(cls, wish: Wish) -> str:
        """Return what all wishes for the same audio have in common; they are `check`ed before."""
        parts = [MAKING, wish.text, wish.is_ssml, wish.voice, wish.engine, wish.speed]
        return sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def wish(self) -> Wish:
        return Wish(self.text, self.is_ssml, self.voice, self.engine, self.speed)

    @property
    def is_whole(self) -> bool:
        """Tell whether there is a file: also while another one is being made in its place."""
        return bool(self.hash)

    @property
    def link(self) -> str:
        """Where the file is, as a path on this site; "" while there is none."""
        return f"/tts/files/{self.hash}.mp3" if self.hash else ""

    def again(self) -> None:
        """Put it back to the start, from the first letter on."""
        self.progress = 0.0
        self.save(update_fields=["progress"])
        super().again()
