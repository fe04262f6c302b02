"""The sweep rings for rows that wait; the nightly clean-up verifies files and deletes old ones."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils import timezone

from jobs.doorbell import ring
from jobs.rows import OPEN
from tts import storage
from tts.models import Audio, Speech
from tts.storage import library


def sweep() -> None:
    """Ring once for every row that can be claimed, at most as often as a worker has threads."""
    waiting = Audio.objects.claimable()[: settings.TTS_CONCURRENCY].count()
    for _ in range(waiting):
        ring("tts.make")


def clean_up() -> None:
    """Verify every file; delete what has expired, exceeds the limit, or belongs to no row."""
    verify_files()
    delete_expired()
    delete_excess()
    delete_orphans()
    storage.delete_stale_drafts()


def verify_files() -> None:
    """Read every file, past the cache, and mark audio whose file is broken."""
    for audio in Audio.objects.exclude(hash="").iterator():
        try:
            storage.read(audio.hash)
        except storage.BrokenFile as broken:
            library.mark_broken(audio, str(broken))


def delete_expired() -> None:
    """Delete audio that was neither played nor requested for TTS_KEEP_DAYS."""
    before = timezone.now() - timedelta(days=settings.TTS_KEEP_DAYS)
    for audio in _deletable().filter(used_at__lt=before).iterator():
        library.delete_audio(audio)


def delete_excess() -> None:
    """Delete the least recently used audio until the rest fits into TTS_MAX_BYTES."""
    total = Audio.objects.exclude(hash="").aggregate(total=Sum("size", default=0))["total"]
    for audio in _until_fits(total - settings.TTS_MAX_BYTES):
        library.delete_audio(audio)


def _until_fits(excess: int) -> Iterator[Audio]:
    for audio in _deletable().exclude(hash="").order_by("used_at").iterator():
        if excess <= 0:
            return
        excess -= audio.size
        yield audio


def _deletable() -> QuerySet[Audio]:
    exempt = Speech.objects.filter(audio=OuterRef("pk"), is_kept=True)
    return Audio.objects.exclude(Exists(exempt)).exclude(state__in=OPEN)


def delete_orphans() -> None:
    """Delete files without a row: their worker died between writing the file and the row.

    Files younger than a day are left alone, because a file is written shortly before its row.
    """
    for hash in storage.stored_hashes(older_than=timedelta(days=1)):
        library.delete_unused_file(hash)
