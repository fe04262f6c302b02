"""Outcomes of speeches: written to the row, sent as a signal, published to the owner."""

from typing import Any

from realtime.actions import person_room, publish
from tts.models import Audio, Speech
from tts.models.speech import SpeechState
from tts.signals import speech_finished


def finish(speech: Speech, state: SpeechState, reason: str = "") -> bool:
    """Write the outcome of a speech and announce it; False if it was finished already.

    Call it inside a transaction.
    """
    if not speech.move(state, reason=reason):
        return False
    _publish(speech.owner_id, "speech.finished", describe(speech))
    speech_finished.send(sender=Speech, speech=speech)
    return True


def finish_all(audio: Audio, state: SpeechState, reason: str = "") -> None:
    """Write the outcome of every open speech of an audio. Call it inside a transaction."""
    for speech in audio.speeches.open().order_by("pk"):
        speech.audio = audio
        finish(speech, state, reason)


def publish_progress(owner_id: int | None, speech_id: int, done: float) -> None:
    """Publish which share of a speech is done, from 0 to 1. Clients may miss such events."""
    progress = {"id": speech_id, "progress": round(done, 3)}
    _publish(owner_id, "speech.progress", progress, is_lossy=True)


def describe(speech: Speech) -> dict[str, Any]:
    """Return the payload of `speech.finished`."""
    audio = speech.audio
    return {
        "id": speech.pk,
        "route": speech.route,
        "state": speech.state,
        "progress": 1.0 if speech.is_ready else round(audio.progress, 3),
        "reason": speech.reason,
        "link": speech.link,
        "duration": round(audio.duration, 2),
        "waveform": audio.waveform,
    }


def _publish(owner_id: int | None, event: str, payload: Any, *, is_lossy: bool = False) -> None:
    if owner_id is not None:
        publish(event, payload, person_room(owner_id), is_lossy=is_lossy)
