"""Making audio: take a row, speak it into a file, and write the end for all who wait."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connections, transaction

from jobs.rows import LostClaim, State
from tts import actions, storage, telling
from tts.audio.waveform import waveform_of
from tts.errors import Cancelled, EngineFailed, SpeechError
from tts.models import Audio
from tts.models.speech import SpeechState
from tts.synthesis import Piece, Synthesis, synthesise

logger = logging.getLogger(__name__)

# Seconds to wait before each further attempt after an engine failed.
PAUSES = (1, 5, 30)
MOST_CLAIMS = 2 * len(PAUSES)
# Seconds between two looks at whether the audio is still wanted, and between two words of progress.
GLANCE = 0.03
PROGRESS_EVERY = 0.25


class WorkersDied(SpeechError):
    """Every worker that took this text ended in the middle of it."""


class Watch:
    """Says, often asked, whether to stop."""

    def __init__(self, audio: Audio, ending: threading.Event) -> None:
        self._audio = audio
        self._ending = ending
        self._look_at = 0.0

    def __call__(self) -> bool:
        if self._ending.is_set():
            return True
        now = time.monotonic()
        if now < self._look_at:
            return False
        self._look_at = now + GLANCE
        return not is_wanted(self._audio)


def is_wanted(audio: Audio) -> bool:
    """Tell whether somebody waits for it. Where there is a file, a new one is wanted for all."""
    return audio.is_whole or audio.speeches.open().exists()


@contextmanager
def kept(audio: Audio) -> Iterator[None]:
    """Hold the claim, whatever is done meanwhile: to upload a file may take long.

    Where it is lost nevertheless, the next word of progress or the end raises LostClaim.
    """
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(audio, over), name="tts-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep(audio: Audio, over: threading.Event) -> None:
    while not over.wait(settings.JOBS_LEASE / 3):
        try:
            audio.keep()
        except LostClaim:
            break
        except DatabaseError as error:
            logger.warning("The claim on audio %s could not be kept: %s", audio.pk, error)
    connections.close_all()


def make(audio: Audio, ending: threading.Event) -> None:
    """Make the audio that has just been claimed. When `ending` is set, it is left to others."""
    try:
        with kept(audio):
            _begin(audio)
            _speak(audio, Watch(audio, ending))
    except LostClaim:
        logger.warning("Audio %s was taken over by another worker.", audio.pk)
    except Cancelled:
        _stopped(audio)
    except DatabaseError:
        raise
    except Exception as error:
        is_final = isinstance(error, SpeechError) and not isinstance(error, EngineFailed)
        _failed(audio, error, may_try_again=not is_final)


@transaction.atomic
def _begin(audio: Audio) -> None:
    if audio.attempts > MOST_CLAIMS:
        raise WorkersDied(WorkersDied.__doc__)
    pending = audio.speeches.filter(state=SpeechState.PENDING)
    pending.update(state=SpeechState.PROCESSING)


def _speak(audio: Audio, watch: Watch) -> None:
    stop_unless_wanted(audio)
    synthesis = synthesise(audio.wish, is_cancelled=watch)
    told = time.monotonic()
    with storage.Draft() as draft:
        for piece in synthesis:
            draft.write(piece.data)
            if time.monotonic() - told >= PROGRESS_EVERY:
                told = time.monotonic()
                _tell(audio, piece)
        waveform = waveform_of(draft.whole())
        stop_unless_wanted(audio)
        _done(audio, synthesis, piece, waveform, draft)


def stop_unless_wanted(audio: Audio) -> None:
    if not is_wanted(audio):
        raise Cancelled


def _tell(audio: Audio, piece: Piece) -> None:
    audio.note(progress=piece.done)
    for pk, owner_id in audio.speeches.open().values_list("pk", "owner_id"):
        telling.progress(owner_id, pk, piece.done)


def _done(
    audio: Audio, synthesis: Synthesis, last: Piece, waveform: str, draft: storage.Draft
) -> None:
    before = audio.hash
    made = actions.made_by(synthesis, last, draft, waveform)
    with transaction.atomic():
        audio.finish(State.DONE, **made)
        _end_all(audio, SpeechState.READY)
    if before and before != audio.hash:
        actions.drop_file(before)


def _failed(audio: Audio, error: Exception, *, may_try_again: bool = False) -> None:
    reason = str(error) or type(error).__name__
    logger.error(
        "Audio %s: %s", audio.pk, reason, exc_info=not isinstance(error, SpeechError) and error
    )
    try:
        if may_try_again and audio.attempts <= len(PAUSES):
            pause = PAUSES[audio.attempts - 1]
            audio.put_off(timedelta(seconds=pause), error=reason)
            return
        with transaction.atomic():
            audio.finish(State.FAILED, error=reason)
            _end_all(audio, SpeechState.FAILED, reason)
    except LostClaim:
        logger.warning("Audio %s was taken over by another worker.", audio.pk)


def _end_all(audio: Audio, state: SpeechState, reason: str = "") -> None:
    for speech in audio.speeches.open().order_by("pk"):
        speech.audio = audio
        actions.finish(speech, state, reason)


@transaction.atomic
def _stopped(audio: Audio) -> None:
    """Give up what nobody waits for; what somebody does is for the next worker."""
    # Locked: whoever asks for it at this moment finds it given up, or is seen here.
    Audio.objects.select_for_update().get(pk=audio.pk)
    try:
        if is_wanted(audio):
            audio.put_off(timedelta(0))
        else:
            audio.finish(State.IGNORED)
    except LostClaim:
        logger.warning("Audio %s was taken over by another worker.", audio.pk)
