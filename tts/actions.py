"""Actions: request, cancel, remake and withdraw speeches."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from jobs.doorbell import ring
from jobs.rows import OPEN, State
from tts.errors import InvalidRoute, TooManySpeeches
from tts.models import Audio, Speech
from tts.models.speech import MAX_ROUTE_LENGTH, SpeechState
from tts.outcomes import finish
from tts.storage import library
from tts.synthesis import SpeechSpec, resolve


@dataclass(frozen=True)
class Request:
    """The outcome of `request_speech`: the speech, and whether it was created by this request."""

    speech: Speech
    is_new: bool


def request_speech(
    owner: Any,
    spec: SpeechSpec,
    *,
    route: str = "",
    is_kept: bool = False,
    context: dict[str, Any] | None = None,
) -> Request:
    """Request that a text be spoken. `speech_finished` announces the outcome.

    If the audio exists already, the speech is ready, and the signal sent, before this returns.

    `owner` is a user, or None for speeches that belong to the system. `route` is the owner's own id
    for the text: a request with the same route and the same spec returns the same speech, unless
    that failed or its file is broken; with another spec, the earlier speech is cancelled. A speech
    that `is_kept` does not expire. `context` is stored with the speech for receivers of the signal.

    Raises InvalidSpeech and its subclasses, and TooManySpeeches.
    """
    if len(route) > MAX_ROUTE_LENGTH or not is_storable(route):
        raise InvalidRoute(MAX_ROUTE_LENGTH)
    resolved = resolve(spec)
    if same := _find_same_on_route(owner, route, spec):
        return Request(same, is_new=False)
    return _request(owner, spec, resolved, route, is_kept=is_kept, context=context or {})


@transaction.atomic
def _request(
    owner: Any, spec: SpeechSpec, resolved: SpeechSpec, route: str, **fields: Any
) -> Request:
    _lock(f"owner {owner.pk}" if owner is not None else f"route {route}")
    audio = library.get_or_create(resolved)
    if same := _find_same_on_route(owner, route, spec):
        return Request(same, is_new=False)
    replaced = list(Speech.objects.on_route(owner, route)) if route else []
    if owner is not None and not audio.has_file:
        _check_open_limit(owner, besides=replaced)
    for before in replaced:
        _supersede(before)
    speech = Speech.objects.create(
        owner=owner,
        audio=audio,
        route=route,
        text_hash=hash_text(spec.text),
        text_length=len(spec.text),
        **fields,
    )
    _start(audio, speech)
    return Request(speech, is_new=True)


def _lock(name: str) -> None:
    """Serialise transactions that could replace the same speech or exceed the limit together."""
    if connection.vendor == "postgresql":  # SQLite has one writer anyway
        key = int.from_bytes(sha256(f"tts {name}".encode()).digest()[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _find_same_on_route(owner: Any, route: str, spec: SpeechSpec) -> Speech | None:
    """Return the route's speech if it has the same spec and is open, or ready with its file.

    Voice and engine are compared only if the spec names them: the defaults may change.
    """
    current = Speech.objects.on_route(owner, route).select_related("audio").first()
    if not route or current is None:
        return None
    audio = current.audio
    is_same = (
        (current.text_hash, current.text_length) == (hash_text(spec.text), len(spec.text))
        and (audio.is_ssml, audio.speed) == (spec.is_ssml, spec.speed)
        and spec.voice.lower() in ("", audio.voice)
        and spec.engine in ("", audio.engine)
    )
    is_good = current.is_open or (current.is_ready and library.verify_file(audio))
    return current if is_same and is_good else None


def _check_open_limit(owner: Any, *, besides: Iterable[Speech]) -> None:
    """Raise TooManySpeeches at the limit; the request cancels `besides`, so they don't count."""
    limit = settings.TTS_MAX_OPEN
    others = Speech.objects.open().filter(owner=owner).exclude(pk__in=[it.pk for it in besides])
    if others.count() >= limit:
        raise TooManySpeeches(limit)


def _start(audio: Audio, speech: Speech) -> None:
    if audio.has_file:
        library.record_use(audio.hash)
        finish(speech, SpeechState.READY)
        return
    if audio.state not in OPEN:
        audio.again()
    if audio.state == State.WORKING:
        speech.move(SpeechState.PROCESSING)
    transaction.on_commit(partial(ring, "tts.make"))


def _supersede(speech: Speech) -> None:
    """Detach a speech from its route, so that it never becomes the route's answer again."""
    Speech.objects.filter(pk=speech.pk).update(is_current=False, is_kept=False)
    cancel(speech)


@transaction.atomic
def cancel(speech: Speech) -> bool:
    """Cancel an open speech; False if it was finished already.

    Its synthesis stops unless other speeches wait for the same audio.
    """
    if speech.is_open:
        return finish(speech, SpeechState.CANCELLED)
    return False


@transaction.atomic
def remake(audio: Audio) -> bool:
    """Synthesise the audio again, and revive its failed speeches. The old file serves meanwhile.

    Return False if that is under way already, or if no speech needs the audio.
    """
    audio = Audio.objects.select_for_update().get(pk=audio.pk)
    failed = audio.speeches.filter(state=SpeechState.FAILED)
    revived = failed.update(state=SpeechState.PENDING, reason="", finished_at=None)
    if audio.state in OPEN or not (audio.has_file or revived):
        return False
    audio.again()
    transaction.on_commit(partial(ring, "tts.make"))
    return True


def release_route(owner: Any, route: str) -> None:
    """Let a speech that was requested with `is_kept` expire like any other."""
    Speech.objects.on_route(owner, route).update(is_kept=False)


@transaction.atomic
def withdraw_route(owner: Any, route: str) -> None:
    """Delete the speech of a route, and its audio unless other speeches use it.

    Synthesis stops, and the file is no longer served after the commit.
    """
    for speech in Speech.objects.on_route(owner, route):
        withdraw(speech)


@transaction.atomic
def withdraw(speech: Speech) -> None:
    """Do the same as `withdraw_route` for one speech."""
    cancel(speech)
    audio = Audio.objects.select_for_update().get(pk=speech.audio_id)
    speech.delete()
    # An audio that is being made has no file yet; its worker abandons it by itself.
    is_under_way = audio.state in OPEN and not audio.has_file
    if not is_under_way and not audio.speeches.exists():
        library.delete_audio(audio)


def hash_text(text: str) -> str:
    """Return the SHA-256 by which the text of a speech is compared."""
    return sha256(text.encode()).hexdigest()


def is_storable(text: str) -> bool:
    """Return whether a database can store the text: no NUL, no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
