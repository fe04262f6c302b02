"""The sweep: rings for what waits, and once a night looks at the files and lets old ones go."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils import timezone

from jobs.doorbell import ring
from jobs.rows import OPEN
from tts import actions, storage
from tts.models import Audio, Speech


def sweep() -> None:
    """Ring as often as there are rows to take, for as many threads as a worker may have."""
    waiting = Audio.objects.claimable()[: settings.TTS_CONCURRENCY].count()
    for _ in range(waiting):
        ring("tts.make", expires=settings.TTS_SWEEP_EVERY)


def tend() -> None:
    """Look at every file, drop what is too old or too much, and what belongs to nobody."""
    look_at_files()
    drop_old()
    drop_too_much()
    drop_strays()
    storage.drop_old_drafts()


def look_at_files() -> None:
    for audio in Audio.objects.exclude(hash="").iterator():
        try:
            storage.read(audio.hash)
        except storage.BrokenTrack as broken:
            actions.break_audio(audio, str(broken))


def drop_old() -> None:
    """Let go what nobody has played, or asked for, in TTS_KEEP_DAYS."""
    before = timezone.now() - timedelta(days=settings.TTS_KEEP_DAYS)
    for audio in _droppable().filter(used_at__lt=before).iterator():
        drop(audio)


def drop_too_much() -> None:
    """Let go what was least recently played until the rest fits into TTS_MAX_BYTES."""
    total = Audio.objects.exclude(hash="").aggregate(total=Sum("size", default=0))["total"]
    for audio in _until_fits(total - settings.TTS_MAX_BYTES):
        drop(audio)


def _until_fits(excess: int) -> Iterator[Audio]:
    for audio in _droppable().exclude(hash="").order_by("used_at").iterator():
        if excess <= 0:
            return
        excess -= audio.size
        yield audio


def _droppable() -> QuerySet[Audio]:
    kept = Speech.objects.filter(audio=OuterRef("pk"), is_kept=True)
    return Audio.objects.exclude(Exists(kept)).exclude(state__in=OPEN)


@transaction.atomic
def drop(audio: Audio) -> None:
    """Forget an audio and all speeches of it; the file goes after the commit."""
    track = audio.hash
    audio.delete()
    if track:
        transaction.on_commit(lambda: actions.drop_file(track))


def drop_strays() -> None:
    """Remove files that no row names: their worker died between the file and the row.

    A file is older than its row by a moment, so what is new is left alone until the next night.
    """
    for track in storage.tracks(older_than=timedelta(days=1)):
        actions.drop_file(track)
