"""The library: rows of audio together with their files, stored, verified and deleted."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from jobs.rows import State
from tts import storage
from tts.audio.waveform import waveform_of
from tts.models import Audio
from tts.models.speech import SpeechState
from tts.outcomes import finish_all
from tts.storage import cache
from tts.synthesis import Piece, SpeechSpec, Synthesis

logger = logging.getLogger(__name__)


def get_or_create(spec: SpeechSpec) -> Audio:
    """Return the audio of a resolved spec, locked, so that no other transaction abandons it.

    To be called inside a transaction.
    """
    fields = {
        "text": spec.text,
        "is_ssml": spec.is_ssml,
        "voice": spec.voice,
        "engine": spec.engine,
        "speed": spec.speed,
        "state": State.IGNORED,  # until a speech waits for it
    }
    audio, _ = Audio.objects.get_or_create(key=Audio.key_of(spec), defaults=fields)
    locked = Audio.objects.select_for_update().get(pk=audio.pk)
    verify_file(locked)
    return locked


def verify_file(audio: Audio) -> bool:
    """Return whether the audio has its file, with unchanged bytes; if not, mark it as broken."""
    if not audio.has_file:
        return False
    try:
        cache.files.read(audio.hash)
    except storage.BrokenFile as broken:
        mark_broken(audio, str(broken))
    return audio.has_file


def mark_broken(audio: Audio, reason: str) -> None:
    """Fail an audio and its speeches because its file is broken. The next request remakes it."""
    logger.error("File %s of audio %s: %s", audio.hash, audio.pk, reason)
    with transaction.atomic():
        broken = Audio.objects.filter(pk=audio.pk, hash=audio.hash)
        if broken.update(state=State.FAILED, hash="", error=reason):
            ready = audio.speeches.filter(state=SpeechState.READY)
            ready.update(state=SpeechState.FAILED, reason=reason)
    audio.refresh_from_db()


def record_use(hash: str) -> None:
    """Record that a file was requested or played: the least recently used are deleted first."""
    Audio.objects.filter(hash=hash).update(used_at=timezone.now())


def store_pieces(synthesis: Synthesis, pieces: Sequence[Piece]) -> None:
    """Store audio that was made without a job, for later requests with the same spec."""
    with storage.Draft() as draft:
        for piece in pieces:
            draft.write(piece.data)
        store_audio(synthesis, pieces[-1], draft, waveform_of(draft.rewind()))


@transaction.atomic
def store_audio(synthesis: Synthesis, last: Piece, draft: storage.Draft, waveform: str) -> Audio:
    """Store an audio under the engine and voice that spoke it, and return its row.

    A job that makes the same audio at this moment loses its claim: its speeches get this file.
    """
    audio = get_or_create(synthesis.spoken)
    if audio.has_file:
        record_use(audio.hash)
        return audio
    changes = store_file(synthesis, last, draft, waveform) | {
        "state": State.DONE,
        "finished_at": timezone.now(),
        "used_at": timezone.now(),
        "claimed_until": None,
    }
    Audio.objects.filter(pk=audio.pk).update(**changes)
    audio.refresh_from_db()
    finish_all(audio, SpeechState.READY)
    return audio


def store_file(
    synthesis: Synthesis, last: Piece, draft: storage.Draft, waveform: str
) -> dict[str, Any]:
    """Commit the draft, and return the fields of the row that describe the file."""
    return {
        "progress": 1.0,
        "spoken_by": speaker_of(synthesis),
        "fell_back": "",
        "hash": draft.commit(),
        "size": draft.size,
        "duration": last.seconds,
        "waveform": waveform,
        "error": "",
    }


def speaker_of(synthesis: Synthesis) -> str:
    """Return the engine and the voice as `Audio.spoken_by` has them: "rhvoice: elena"."""
    return f"{synthesis.spoken.engine}: {synthesis.voice}"


@transaction.atomic
def delete_audio(audio: Audio) -> None:
    """Delete an audio and its speeches; the file is deleted after the commit."""
    hash = audio.hash
    audio.delete()
    if hash:
        transaction.on_commit(partial(delete_unused_file, hash))


def delete_unused_file(hash: str) -> None:
    """Delete a file unless an audio refers to it."""
    if not Audio.objects.filter(hash=hash).exists():
        cache.files.forget(hash)
        storage.delete(hash)
