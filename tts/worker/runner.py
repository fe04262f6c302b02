"""Speaks an audio row into a file, and writes the end for all speeches that wait for it."""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, transaction

from jobs.leases import Lease
from jobs.rows import MAX_CLAIMS, MAX_RETRIES, RETRY_BACKOFF, State
from jobs.runner import ThreadRunner
from tts import outcomes, storage
from tts.audio.waveform import waveform_of
from tts.errors import Cancelled, EngineFailed, SpeechError
from tts.models import Audio
from tts.models.speech import SpeechState
from tts.storage import library
from tts.synthesis import Piece, Synthesis, synthesise

logger = logging.getLogger(__name__)

# Seconds between two queries whether the audio is still wanted, and between progress reports.
WANTED_CHECK_INTERVAL = 0.03
PROGRESS_INTERVAL = 0.25


class WorkersDied(SpeechError):
    """Every worker that took this text ended in the middle of it."""


@dataclass(frozen=True)
class Recording:
    """An audio that has been spoken and stored: `changes` to its row, or `stand_in`, the row of
    what another engine spoke instead.
    """

    synthesis: Synthesis
    changes: dict[str, Any]
    stand_in: Audio | None = None


class AudioRunner(ThreadRunner[Audio, Recording]):
    """Makes audio. Once `stopping` is set, what is being made is left to other workers."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping

    def run(self, job: Audio, lease: Lease) -> Recording:
        _begin(job)
        _stop_unless_wanted(job)
        return _speak(job, StopCheck(job, lease, self._stopping))

    def complete(self, job: Audio, result: Recording) -> None:
        if result.stand_in is not None:
            _finish_by(result.stand_in, job, result.synthesis)
            return
        before = job.hash
        with transaction.atomic():
            job.finish(State.DONE, **result.changes)
            outcomes.finish_all(job, SpeechState.READY)
        if before and before != job.hash:
            library.delete_unused_file(before)

    def fail(self, job: Audio, error: Exception) -> None:
        if isinstance(error, DatabaseError):
            raise error  # the database is down: the row can be claimed when the lease has expired
        if isinstance(error, Cancelled):
            _release_or_ignore(job)
            return
        is_final = isinstance(error, SpeechError) and not isinstance(error, EngineFailed)
        _retry_or_fail(job, error, may_retry=not is_final)


class StopCheck:
    """Returns whether to stop; called often, it asks the database now and then."""

    def __init__(self, audio: Audio, lease: Lease, stopping: threading.Event) -> None:
        self._audio, self._lease, self._stopping = audio, lease, stopping
        self._next_query = 0.0

    def __call__(self) -> bool:
        if self._stopping.is_set() or self._lease.is_lost:
            return True
        now = time.monotonic()
        if now < self._next_query:
            return False
        self._next_query = now + WANTED_CHECK_INTERVAL
        return not is_wanted(self._audio)


def is_wanted(audio: Audio) -> bool:
    """Return whether a speech waits for it. A file that exists is always wanted when made anew."""
    return audio.has_file or audio.speeches.open().exists()


@transaction.atomic
def _begin(audio: Audio) -> None:
    if audio.attempts > MAX_CLAIMS:
        raise WorkersDied(WorkersDied.__doc__)
    pending = audio.speeches.filter(state=SpeechState.PENDING)
    pending.update(state=SpeechState.PROCESSING)


def _speak(audio: Audio, should_stop: StopCheck) -> Recording:
    synthesis = synthesise(audio.spec, is_cancelled=should_stop)
    reported_at = time.monotonic()
    with storage.Draft() as draft:
        for piece in synthesis:
            draft.write(piece.data)
            if time.monotonic() - reported_at >= PROGRESS_INTERVAL:
                reported_at = time.monotonic()
                _report_progress(audio, piece)
        waveform = waveform_of(draft.rewind())
        _stop_unless_wanted(audio)
        if synthesis.fell_back:
            stand_in = library.store_audio(synthesis, piece, draft, waveform)
            return Recording(synthesis, {}, stand_in)
        return Recording(synthesis, library.store_file(synthesis, piece, draft, waveform))


def _stop_unless_wanted(audio: Audio) -> None:
    if not is_wanted(audio):
        raise Cancelled


def _report_progress(audio: Audio, piece: Piece) -> None:
    audio.write(progress=piece.done)
    for pk, owner_id in audio.speeches.open().values_list("pk", "owner_id"):
        outcomes.publish_progress(owner_id, pk, piece.done)


@transaction.atomic
def _finish_by(stand_in: Audio, audio: Audio, synthesis: Synthesis) -> None:
    """Give the speeches that wait for an audio another one, spoken by the fallback engine.

    The audio itself stays without a file, or with the one it had: the next request for it tries
    the requested engine again.
    """
    reason = synthesis.fell_back
    if audio.has_file:
        audio.finish(State.DONE, error=reason)
        outcomes.finish_all(audio, SpeechState.READY)
        return
    by = library.speaker_of(synthesis)
    audio.finish(State.IGNORED, spoken_by=by, fell_back=reason[:300])
    audio.speeches.open().update(audio=stand_in)
    outcomes.finish_all(stand_in, SpeechState.READY, reason)


def _retry_or_fail(audio: Audio, error: Exception, *, may_retry: bool) -> None:
    reason = str(error) or type(error).__name__
    logger.error(
        "Audio %s: %s", audio.pk, reason, exc_info=not isinstance(error, SpeechError) and error
    )
    if may_retry and audio.attempts <= MAX_RETRIES:
        pause = RETRY_BACKOFF.delay(audio.attempts)
        audio.postpone(timedelta(seconds=pause), error=reason)
        return
    with transaction.atomic():
        audio.finish(State.FAILED, error=reason)
        outcomes.finish_all(audio, SpeechState.FAILED, reason)


@transaction.atomic
def _release_or_ignore(audio: Audio) -> None:
    """Release an audio that is wanted to other workers; end one that no speech waits for."""
    # Locked, so that a new request for it either sees the end or is seen here.
    Audio.objects.select_for_update().get(pk=audio.pk)
    if is_wanted(audio):
        audio.postpone(timedelta(0))
    else:
        audio.finish(State.IGNORED)
