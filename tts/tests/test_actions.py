import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections, transaction
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, SettingsWrapper

from jobs.rows import State
from tts import storage
from tts.actions import cancel, remake, request_speech
from tts.errors import InvalidRoute, NothingToSay, TooManySpeeches
from tts.models import Audio, Speech
from tts.models.speech import SpeechState
from tts.signals import speech_finished
from tts.storage import library
from tts.synthesis import SpeechSpec
from tts.worker.runner import AudioRunner

pytestmark = pytest.mark.usefixtures("tone", "sockets")


def ask(owner: Any, text: Any = "привет", **options: Any) -> Any:
    return request_speech(owner, SpeechSpec(text), **options).speech


@pytest.fixture
def finished() -> Iterator[Any]:
    heard = []

    def hear(speech: Any, **_: Any) -> None:
        heard.append((speech.pk, speech.state))

    speech_finished.connect(hear)
    yield heard
    speech_finished.disconnect(hear)


def state_of(speech: Any) -> Any:
    speech.refresh_from_db()
    return speech.state


def test_a_speech_waits_until_it_is_made_and_then_has_its_file(ann: Any, work: Any) -> None:
    speech = ask(ann)
    assert speech.state == SpeechState.PENDING

    work()

    assert state_of(speech) == SpeechState.READY
    audio = Audio.objects.get()
    assert len(storage.read(audio.hash)) == audio.size
    assert audio.duration == pytest.approx(0.3, abs=0.01)
    assert max(map(int, audio.waveform.split(","))) == 99


def test_the_same_wish_of_many_is_spoken_once(ann: Any, boris: Any, work: Any, tone: Any) -> None:
    speeches = [ask(owner) for owner in (ann, boris, None) for _ in range(5)]

    work()

    assert tone.spoken == ["привет"]
    assert {state_of(speech) for speech in speeches} == {SpeechState.READY}


def test_the_texts_of_one_person_make_way_for_those_of_others(ann: Any, boris: Any) -> None:
    for number in range(30):
        ask(ann, f"долгий текст {number}")
    first = Audio.objects.claim_next()
    ask(boris, "короткий")

    second, third = Audio.objects.claim_next(), Audio.objects.claim_next()

    texts = [audio.text for audio in (first, second, third)]
    assert texts == ["долгий текст 0", "короткий", "долгий текст 1"]


def test_a_text_of_two_people_has_the_turn_of_the_one_for_whom_less_is_made(
    ann: Any, boris: Any
) -> None:
    ask(ann, "раз")
    Audio.objects.claim_next()
    ask(ann, "два")
    ask(ann, "три")
    ask(boris, "три")

    assert Audio.objects.claim_next().text == "три"


def test_what_was_made_before_is_ready_at_once(
    ann: Any, boris: Any, work: Any, finished: Any
) -> None:
    ask(ann)
    work()

    speech = ask(boris)

    assert speech.is_ready
    assert finished[-1] == (speech.pk, SpeechState.READY)


def test_a_route_with_the_same_text_is_the_same_speech(ann: Any, work: Any) -> None:
    first = request_speech(ann, SpeechSpec("раз"), route="q")
    again = request_speech(ann, SpeechSpec("раз"), route="q")
    work()
    done = request_speech(ann, SpeechSpec("раз"), route="q")

    assert (first.is_new, again.is_new, done.is_new) == (True, False, False)
    assert first.speech == again.speech == done.speech


def test_a_route_with_another_text_cancels_the_first_and_answers_with_the_second(
    ann: Any, work: Any, tone: Any
) -> None:
    first = ask(ann, "раз", route="q")
    second = ask(ann, "два", route="q")

    work()

    assert state_of(first) == SpeechState.CANCELLED
    assert state_of(second) == SpeechState.READY
    assert tone.spoken == ["два"]
    assert Speech.objects.on_route(ann, "q").get() == second


def test_routes_of_two_owners_do_not_meet(ann: Any, boris: Any) -> None:
    first, second = ask(ann, "раз", route="q"), ask(boris, "два", route="q")

    assert state_of(first) == state_of(second) == SpeechState.PENDING


def test_a_running_speech_stops_when_its_route_gets_another_text(
    ann: Any, work: Any, tone: Any
) -> None:
    first = ask(ann, "раз" * 30, route="q")

    def replace_at_the_third() -> None:
        time.sleep(0.01)
        if tone.letters == 3:
            ask(ann, "два", route="q")

    tone.at_each_letter = replace_at_the_third
    work()

    assert tone.letters < 20
    assert state_of(first) == SpeechState.CANCELLED
    assert Speech.objects.on_route(ann, "q").get().is_ready
    assert Audio.objects.get(pk=first.audio_id).state == State.IGNORED


def test_what_somebody_else_waits_for_is_not_stopped(ann: Any, boris: Any, work: Any) -> None:
    first, second = ask(ann), ask(boris)

    cancel(first)
    work()

    assert state_of(first) == SpeechState.CANCELLED
    assert state_of(second) == SpeechState.READY


def test_a_cancelled_text_can_be_asked_for_again(ann: Any, work: Any) -> None:
    cancel(ask(ann))
    work()

    again = ask(ann)
    work()

    assert state_of(again) == SpeechState.READY


def test_cancelling_what_is_ready_changes_nothing(ann: Any, work: Any) -> None:
    speech = ask(ann)
    work()
    speech.refresh_from_db()

    assert not cancel(speech)
    assert state_of(speech) == SpeechState.READY


def test_a_late_cancel_of_a_stale_row_does_not_undo_the_end(ann: Any, work: Any) -> None:
    stale = ask(ann)
    work()

    assert not cancel(stale)
    assert state_of(stale) == SpeechState.READY


def test_a_failed_engine_is_tried_again(ann: Any, work: Any, tone: Any) -> None:
    tone.failures = ["hiccup"]
    speech = ask(ann)

    work()
    assert state_of(speech) == SpeechState.PROCESSING
    Audio.objects.update(due_at=speech.created_at)
    work()

    assert state_of(speech) == SpeechState.READY


def test_what_fails_every_time_ends_with_the_reason_and_may_be_asked_for_again(
    ann: Any, work: Any, tone: Any
) -> None:
    tone.failures = ["no breath"] * 4
    speech = ask(ann, route="q")
    for _ in range(4):
        Audio.objects.update(due_at=speech.created_at)
        work()

    assert (state_of(speech), speech.reason) == (SpeechState.FAILED, "no breath")

    again = request_speech(ann, SpeechSpec("привет"), route="q")
    work()
    assert again.is_new
    assert state_of(again.speech) == SpeechState.READY


def test_too_much_audio_fails_at_once(ann: Any, work: Any, settings: SettingsWrapper) -> None:
    settings.TTS_MAX_SECONDS = 0.1
    speech = ask(ann, "слишком много")

    work()

    assert state_of(speech) == SpeechState.FAILED
    assert "0 seconds" in speech.reason


def test_a_missing_file_is_made_anew(ann: Any, work: Any, tone: Any) -> None:
    speech = ask(ann, route="q")
    work()
    storage.delete(Audio.objects.get().hash)

    again = request_speech(ann, SpeechSpec("привет"), route="q")
    work()

    assert again.is_new
    assert state_of(speech) == SpeechState.FAILED
    assert state_of(again.speech) == SpeechState.READY
    assert len(tone.spoken) == 2


def test_making_again_keeps_the_old_file_until_the_new_one_is_there(
    ann: Any, work: Any, tone: Any
) -> None:
    speech = ask(ann)
    work()
    audio = Audio.objects.get()

    assert remake(audio)

    audio.refresh_from_db()
    assert storage.read(audio.hash)
    work()
    assert state_of(speech) == SpeechState.READY
    assert len(tone.spoken) == 2


def test_making_again_revives_what_failed(ann: Any, work: Any, tone: Any) -> None:
    tone.failures = ["no breath"] * 4
    speech = ask(ann)
    for _ in range(4):
        Audio.objects.update(due_at=speech.created_at)
        work()

    assert remake(Audio.objects.get())
    work()

    assert state_of(speech) == SpeechState.READY


def test_one_person_can_have_so_many_under_way(
    ann: Any, boris: Any, settings: SettingsWrapper
) -> None:
    settings.TTS_MAX_OPEN = 2
    ask(ann, "раз")
    ask(ann, "два")

    with pytest.raises(TooManySpeeches):
        ask(ann, "три")
    assert not Audio.objects.filter(text="три").exists()
    ask(boris, "три")


def test_a_route_is_replaced_also_when_its_owner_has_reached_the_limit(
    ann: Any, settings: SettingsWrapper
) -> None:
    settings.TTS_MAX_OPEN = 2
    first = ask(ann, "раз", route="q")
    ask(ann, "два")

    second = ask(ann, "три", route="q")

    assert state_of(first) == SpeechState.CANCELLED
    assert state_of(second) == SpeechState.PENDING
    with pytest.raises(TooManySpeeches):
        ask(ann, "четыре", route="another")


def test_a_finished_route_needs_a_place_for_another_text_and_keeps_its_answer_without(
    ann: Any, work: Any, settings: SettingsWrapper
) -> None:
    settings.TTS_MAX_OPEN = 1
    first = ask(ann, "раз", route="q")
    work()
    ask(ann, "два")

    with pytest.raises(TooManySpeeches):
        ask(ann, "три", route="q")

    assert Speech.objects.on_route(ann, "q").get() == first
    assert state_of(first) == SpeechState.READY


def test_audio_of_the_fallback_engine_is_stored_as_its_own_and_the_wished_one_is_tried_again(
    ann: Any, work: Any, tone: Any, spare: Any
) -> None:
    tone.failures = ["no breath"]
    first = ask(ann)
    work()
    second = ask(ann)
    work()

    assert state_of(first) == state_of(second) == SpeechState.READY
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.audio.engine, first.audio.voice, first.reason) == ("spare", "spare", "no breath")
    assert (second.audio.engine, second.audio.voice, second.reason) == ("tone", "tone", "")
    assert (tone.spoken, spare.spoken) == (["привет", "привет"], ["привет"])


def test_who_wishes_for_the_fallback_engine_itself_gets_what_it_has_spoken(
    ann: Any, work: Any, tone: Any, spare: Any
) -> None:
    tone.failures = ["no breath"]
    ask(ann)
    work()

    speech = request_speech(ann, SpeechSpec("привет", engine="spare")).speech

    assert speech.is_ready
    assert spare.spoken == ["привет"]
    requested = Audio.objects.get(engine="tone")
    assert (requested.hash, requested.spoken_by, requested.fell_back) == (
        "",
        "spare: spare",
        "no breath",
    )


@pytest.mark.usefixtures("spare")
def test_a_fallback_serves_also_those_who_wait_for_that_engine(
    ann: Any, boris: Any, tone: Any
) -> None:
    tone.failures = ["no breath"]
    first = ask(ann)
    second = request_speech(boris, SpeechSpec("привет", engine="spare")).speech
    audio = Audio.objects.claim(first.audio_id)
    other = Audio.objects.claim(second.audio_id)
    assert audio
    assert other

    AudioRunner(threading.Event()).work(audio)
    assert state_of(first) == state_of(second) == SpeechState.READY
    track = Audio.objects.get(engine="spare").hash
    AudioRunner(threading.Event()).work(other)  # its worker has lost the claim

    assert Audio.objects.get(engine="spare").hash == track
    assert storage.read(track)


@pytest.mark.usefixtures("spare")
def test_making_again_never_replaces_a_file_by_that_of_another_engine(
    ann: Any, work: Any, tone: Any
) -> None:
    speech = ask(ann)
    work()
    before = Audio.objects.get(engine="tone").hash

    remake(Audio.objects.get(engine="tone"))
    tone.failures = ["no breath"]
    work()

    audio = Audio.objects.get(engine="tone")
    assert (audio.hash, audio.state, audio.error) == (before, State.DONE, "no breath")
    assert state_of(speech) == SpeechState.READY
    assert storage.read(before)


@pytest.mark.parametrize("route", ["a\0b", "\ud800", "x" * 501])
def test_a_route_that_cannot_be_kept_is_refused(ann: Any, route: Any) -> None:
    with pytest.raises(InvalidRoute):
        ask(ann, route=route)


@pytest.mark.parametrize("route", ["квест/1", "../../etc/passwd", "$$", " ", "x" * 500, "😀"])
def test_a_route_may_be_any_text(ann: Any, work: Any, route: Any) -> None:
    ask(ann, route=route)
    work()

    assert Speech.objects.on_route(ann, route).get().is_ready


def test_nothing_to_say_leaves_no_rows(ann: Any) -> None:
    with pytest.raises(NothingToSay):
        ask(ann, " … ")
    assert not Audio.objects.exists()


def test_the_end_is_told_within_the_commit_that_writes_it(ann: Any, work: Any) -> None:
    seen = []

    def hear(speech: Any, **_: Any) -> None:
        seen.append((transaction.get_connection().in_atomic_block, speech.context))

    speech_finished.connect(hear)
    ask(ann, context={"chat": 5})
    work()
    speech_finished.disconnect(hear)

    assert seen == [(True, {"chat": 5})]


def test_the_owner_is_told_over_the_live_line(
    ann: Any,
    work: Any,
    sockets: Any,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ask(ann)
        work()

    events = [(room, frame) for room, frame in sockets.frames]
    assert [room for room, _ in events] == [f"person.{ann.pk}"]
    ((name, payload),) = sockets.received
    assert name == "speech.finished"
    assert payload["link"] == f"/tts/files/{Audio.objects.get().hash}.mp3"


def test_a_file_is_kept_while_another_audio_has_the_same_bytes(ann: Any, work: Any) -> None:
    ask(ann)
    work()
    track = Audio.objects.get().hash

    library.delete_unused_file(track)

    assert storage.read(track)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("texts", [1, 4, 16])
def test_a_route_that_many_ask_for_at_once_has_one_answer(ann: Any, texts: int) -> None:
    def ask_in_thread(number: int) -> bool:
        try:
            return request_speech(ann, SpeechSpec(f"текст {number % texts}"), route="q").is_new
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as threads:
        new = list(threads.map(ask_in_thread, range(32)))

    (current,) = Speech.objects.on_route(ann, "q")
    assert current.state == SpeechState.PENDING
    assert Speech.objects.open().get() == current
    assert Speech.objects.count() == sum(new) >= texts


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_when_many_texts_are_asked_for_at_once(
    ann: Any, settings: SettingsWrapper
) -> None:
    settings.TTS_MAX_OPEN = 3

    def ask_in_thread(number: int) -> bool:
        try:
            return request_speech(ann, SpeechSpec(f"текст {number}")).is_new
        except TooManySpeeches:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ask_in_thread, range(16))) == 3
