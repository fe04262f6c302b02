"""What people, programs and other apps ask of speech."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.doorbell import ring
from jobs.rows import OPEN, State
from tts import storage, telling, tracks
from tts.audio.waveform import waveform_of
from tts.errors import BadWish
from tts.models import Audio, Speech
from tts.models.speech import LONGEST_ROUTE, SpeechState
from tts.signals import speech_finished
from tts.synthesis import Piece, Synthesis, Wish, check

logger = logging.getLogger(__name__)


class TooManySpeeches(Exception):
    """One owner has as many speeches under way as one may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"There are {limit} speeches under way already. Wait for one of them.")


class BadRoute(BadWish):
    """The route id cannot be kept."""

    def __init__(self) -> None:
        super().__init__(f"A route id has at most {LONGEST_ROUTE} characters, none of them NUL.")


@dataclass(frozen=True)
class Request:
    """A speech that was asked for, and whether it had been asked for before."""

    speech: Speech
    is_new: bool


def request_speech(
    owner: Any,
    wish: Wish,
    *,
    route: str = "",
    is_kept: bool = False,
    context: dict[str, Any] | None = None,
) -> Request:
    """Ask for a text to be said; `speech_finished` tells of the end, at once if there is the audio.

    The same owner's same route with the same wish is the same speech, unless that one failed or its
    file is broken. With another wish the first is cancelled. `owner` None is the house itself.

    Raises BadWish and its kinds, and TooManySpeeches.
    """
    if len(route) > LONGEST_ROUTE or not is_storable(route):
        raise BadRoute
    settled = check(wish)
    if same := _same_on_route(owner, route, wish):
        return Request(same, is_new=False)
    fields = {"is_kept": is_kept, "context": context or {}}
    try:
        return _request(owner, wish, settled, route, **fields)
    except IntegrityError:  # another text for the same new route was a moment faster
        return _request(owner, wish, settled, route, **fields)


@transaction.atomic
def _request(owner: Any, wish: Wish, settled: Wish, route: str, **fields: Any) -> Request:
    audio = _audio_for(settled)
    if same := _same_on_route(owner, route, wish):
        return Request(same, is_new=False)
    if owner is not None and not audio.is_whole:
        _count(owner)
    for before in Speech.objects.on_route(owner, route) if route else ():
        _step_down(before)
    speech = Speech.objects.create(
        owner=owner,
        audio=audio,
        route=route,
        text_hash=hash_of(wish.text),
        text_length=len(wish.text),
        **fields,
    )
    _start(audio, speech)
    return Request(speech, is_new=True)


def _same_on_route(owner: Any, route: str, wish: Wish) -> Speech | None:
    """Return the route's speech if it says the same, and is under way or ready with its file.

    Voice and engine count where they are wished for: those that are best may change.
    """
    current = Speech.objects.on_route(owner, route).select_related("audio").first()
    if not route or current is None:
        return None
    audio = current.audio
    is_same = (
        (current.text_hash, current.text_length) == (hash_of(wish.text), len(wish.text))
        and (audio.is_ssml, audio.speed) == (wish.is_ssml, wish.speed)
        and wish.voice.lower() in ("", audio.voice)
        and wish.engine in ("", audio.engine)
    )
    is_good = current.is_open or (current.is_ready and look_at_file(audio))
    return current if is_same and is_good else None


def _audio_for(wish: Wish) -> Audio:
    """Return the audio for a wish, locked, so that nobody gives it up meanwhile."""
    settled = {
        "text": wish.text,
        "is_ssml": wish.is_ssml,
        "voice": wish.voice,
        "engine": wish.engine,
        "speed": wish.speed,
        "state": State.IGNORED,  # until somebody waits for it
    }
    audio, _ = Audio.objects.get_or_create(key=Audio.key_of(wish), defaults=settled)
    locked = Audio.objects.select_for_update().get(pk=audio.pk)
    look_at_file(locked)
    return locked


def _count(owner: Any) -> None:
    limit = settings.TTS_MAX_OPEN
    if Speech.objects.open().filter(owner=owner).count() >= limit:
        raise TooManySpeeches(limit)


def _start(audio: Audio, speech: Speech) -> None:
    if audio.is_whole:
        note_use(audio.hash)
        finish(speech, SpeechState.READY)
        return
    if audio.state not in OPEN:
        audio.again()
    if audio.state == State.WORKING:
        speech.move(SpeechState.PROCESSING)
    transaction.on_commit(partial(ring, "tts.make"))


def _step_down(speech: Speech) -> None:
    """Make room on a route: what was asked for before can never become the answer again."""
    Speech.objects.filter(pk=speech.pk).update(is_current=False, is_kept=False)
    cancel(speech)


@transaction.atomic
def cancel(speech: Speech) -> bool:
    """Cancel a speech that is not finished; its making stops when nobody else waits for it."""
    if speech.is_open:
        return finish(speech, SpeechState.CANCELLED)
    return False


def finish(speech: Speech, state: SpeechState, reason: str = "") -> bool:
    """Write the end of a speech and tell of it; False when it had ended already.

    To be called inside a transaction.
    """
    if not speech.move(state, reason=reason):
        return False
    telling.finished(speech)
    speech_finished.send(sender=Speech, speech=speech)
    return True


@transaction.atomic
def make_again(audio: Audio) -> bool:
    """Make the file anew, for all whose speech it is; what they have stays until it is there.

    False while it is being made, and where nobody waits for it.
    """
    audio = Audio.objects.select_for_update().get(pk=audio.pk)
    failed = audio.speeches.filter(state=SpeechState.FAILED)
    revived = failed.update(state=SpeechState.PENDING, reason="", finished_at=None)
    if audio.state in OPEN or not (audio.is_whole or revived):
        return False
    audio.again()
    transaction.on_commit(partial(ring, "tts.make"))
    return True


def look_at_file(audio: Audio) -> bool:
    """Tell whether the audio has its file, with the bytes that were written; note it if not."""
    if not audio.is_whole:
        return False
    try:
        tracks.check(audio.hash)
    except storage.BrokenTrack as broken:
        break_audio(audio, str(broken))
    return audio.is_whole


def break_audio(audio: Audio, reason: str) -> None:
    """Note that the file is not what it was: whoever asks again has it made anew."""
    logger.error("Track %s of audio %s: %s", audio.hash, audio.pk, reason)
    with transaction.atomic():
        broken = Audio.objects.filter(pk=audio.pk, hash=audio.hash)
        if broken.update(state=State.FAILED, hash="", error=reason):
            ready = audio.speeches.filter(state=SpeechState.READY)
            ready.update(state=SpeechState.FAILED, reason=reason)
    audio.refresh_from_db()


def note_use(track: str) -> None:
    """Note that a track was asked for or played: what was not, for long, goes first."""
    Audio.objects.filter(hash=track).update(used_at=timezone.now())


def store(wish: Wish, synthesis: Synthesis, pieces: Sequence[Piece]) -> None:
    """Keep what was made without a job, unless there is one that makes it."""
    with storage.Draft() as draft:
        for piece in pieces:
            draft.write(piece.data)
        waveform = waveform_of(draft.whole())
        with transaction.atomic():
            audio = _audio_for(wish)
            if audio.is_whole or audio.state in OPEN:
                return
            made = made_by(synthesis, pieces[-1], draft, waveform)
            done = {"state": State.DONE, "finished_at": timezone.now(), "used_at": timezone.now()}
            Audio.objects.filter(pk=audio.pk).update(**made, **done)


def made_by(
    synthesis: Synthesis, last: Piece, draft: storage.Draft, waveform: str
) -> dict[str, Any]:
    """Put the file in its place, and return what is to be written into the row."""
    return {
        "progress": 1.0,
        "spoken_by": f"{synthesis.engine}: {synthesis.voice}",
        "fell_back": synthesis.fell_back[:300],
        "hash": draft.keep(),
        "size": draft.size,
        "duration": last.seconds,
        "waveform": waveform,
        "error": "",
    }


def drop_file(track: str) -> None:
    """Delete a file, unless an audio still has these very bytes."""
    if not Audio.objects.filter(hash=track).exists():
        tracks.kept.forget(track)
        storage.delete(track)


def release_route(owner: Any, route: str) -> None:
    """Let the kept speech of a route go the way of all others."""
    Speech.objects.on_route(owner, route).update(is_kept=False)


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def is_storable(text: str) -> bool:
    """Tell whether a database can keep the text: no NUL, no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
