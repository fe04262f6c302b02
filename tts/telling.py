"""Telling owners, over the live line, how their speeches go."""

from typing import Any

from realtime.actions import person_room, publish
from tts.models import Speech


def shape(speech: Speech) -> dict[str, Any]:
    """Return what a caller may know of a speech."""
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


def finished(speech: Speech) -> None:
    _tell(speech.owner_id, "speech.finished", shape(speech))


def progress(owner_id: int | None, speech_id: int, done: float) -> None:
    told = {"id": speech_id, "progress": round(done, 3)}
    _tell(owner_id, "speech.progress", told, is_lossy=True)


def _tell(owner_id: int | None, event: str, payload: Any, *, is_lossy: bool = False) -> None:
    if owner_id is not None:
        publish(event, payload, person_room(owner_id), is_lossy=is_lossy)
