import time

import pytest
from django.db import transaction

from jobs.rows import State
from tts import actions, storage
from tts.actions import BadRoute, TooManySpeeches, cancel, make_again, request_speech
from tts.errors import NothingToSay
from tts.models import Audio, Speech
from tts.models.speech import SpeechState
from tts.signals import speech_finished
from tts.synthesis import Wish

pytestmark = pytest.mark.usefixtures("tone", "sockets")


def ask(owner, text="привет", **options):
    return request_speech(owner, Wish(text), **options).speech


@pytest.fixture
def finished():
    heard = []

    def hear(speech, **_):
        heard.append((speech.pk, speech.state))

    speech_finished.connect(hear)
    yield heard
    speech_finished.disconnect(hear)


def state_of(speech):
    speech.refresh_from_db()
    return speech.state


def test_a_speech_waits_until_it_is_made_and_then_has_its_file(ann, work):
    speech = ask(ann)
    assert speech.state == SpeechState.PENDING

    work()

    assert state_of(speech) == SpeechState.READY
    audio = Audio.objects.get()
    assert len(storage.read(audio.hash)) == audio.size
    assert audio.duration == pytest.approx(0.3, abs=0.01)
    assert max(map(int, audio.waveform.split(","))) == 99


def test_the_same_wish_of_many_is_spoken_once(ann, boris, work, tone):
    speeches = [ask(owner) for owner in (ann, boris, None) for _ in range(5)]

    work()

    assert tone.spoken == ["привет"]
    assert {state_of(speech) for speech in speeches} == {SpeechState.READY}


def test_what_was_made_before_is_ready_at_once(ann, boris, work, finished):
    ask(ann)
    work()

    speech = ask(boris)

    assert speech.is_ready
    assert finished[-1] == (speech.pk, SpeechState.READY)


def test_a_route_with_the_same_text_is_the_same_speech(ann, work):
    first = request_speech(ann, Wish("раз"), route="q")
    again = request_speech(ann, Wish("раз"), route="q")
    work()
    done = request_speech(ann, Wish("раз"), route="q")

    assert (first.is_new, again.is_new, done.is_new) == (True, False, False)
    assert first.speech == again.speech == done.speech


def test_a_route_with_another_text_cancels_the_first_and_answers_with_the_second(ann, work, tone):
    first = ask(ann, "раз", route="q")
    second = ask(ann, "два", route="q")

    work()

    assert state_of(first) == SpeechState.CANCELLED
    assert state_of(second) == SpeechState.READY
    assert tone.spoken == ["два"]
    assert Speech.objects.on_route(ann, "q").get() == second


def test_routes_of_two_owners_do_not_meet(ann, boris):
    first, second = ask(ann, "раз", route="q"), ask(boris, "два", route="q")

    assert state_of(first) == state_of(second) == SpeechState.PENDING


def test_a_running_speech_stops_when_its_route_gets_another_text(ann, work, tone):
    first = ask(ann, "раз" * 30, route="q")

    def replace_at_the_third():
        time.sleep(0.01)
        if tone.letters == 3:
            ask(ann, "два", route="q")

    tone.at_each_letter = replace_at_the_third
    work()

    assert tone.letters < 20
    assert state_of(first) == SpeechState.CANCELLED
    assert Speech.objects.on_route(ann, "q").get().is_ready
    assert Audio.objects.get(pk=first.audio_id).state == State.IGNORED


def test_what_somebody_else_waits_for_is_not_stopped(ann, boris, work):
    first, second = ask(ann), ask(boris)

    cancel(first)
    work()

    assert state_of(first) == SpeechState.CANCELLED
    assert state_of(second) == SpeechState.READY


def test_a_cancelled_text_can_be_asked_for_again(ann, work):
    cancel(ask(ann))
    work()

    again = ask(ann)
    work()

    assert state_of(again) == SpeechState.READY


def test_cancelling_what_is_ready_changes_nothing(ann, work):
    speech = ask(ann)
    work()
    speech.refresh_from_db()

    assert not cancel(speech)
    assert state_of(speech) == SpeechState.READY


def test_a_late_cancel_of_a_stale_row_does_not_undo_the_end(ann, work):
    stale = ask(ann)
    work()

    assert not cancel(stale)
    assert state_of(stale) == SpeechState.READY


def test_a_failed_engine_is_tried_again(ann, work, tone):
    tone.failures = ["hiccup"]
    speech = ask(ann)

    work()
    assert state_of(speech) == SpeechState.PROCESSING
    Audio.objects.update(due_at=speech.created_at)
    work()

    assert state_of(speech) == SpeechState.READY


def test_what_fails_every_time_ends_with_the_reason_and_may_be_asked_for_again(ann, work, tone):
    tone.failures = ["no breath"] * 4
    speech = ask(ann, route="q")
    for _ in range(4):
        Audio.objects.update(due_at=speech.created_at)
        work()

    assert (state_of(speech), speech.reason) == (SpeechState.FAILED, "no breath")

    again = request_speech(ann, Wish("привет"), route="q")
    work()
    assert again.is_new
    assert state_of(again.speech) == SpeechState.READY


def test_too_much_audio_fails_at_once(ann, work, settings):
    settings.TTS_MAX_SECONDS = 0.1
    speech = ask(ann, "слишком много")

    work()

    assert state_of(speech) == SpeechState.FAILED
    assert "0 seconds" in speech.reason


def test_a_missing_file_is_made_anew(ann, work, tone):
    speech = ask(ann, route="q")
    work()
    storage.delete(Audio.objects.get().hash)

    again = request_speech(ann, Wish("привет"), route="q")
    work()

    assert again.is_new
    assert state_of(speech) == SpeechState.FAILED
    assert state_of(again.speech) == SpeechState.READY
    assert len(tone.spoken) == 2


def test_making_again_keeps_the_old_file_until_the_new_one_is_there(ann, work, tone):
    speech = ask(ann)
    work()
    audio = Audio.objects.get()

    assert make_again(audio)

    audio.refresh_from_db()
    assert storage.read(audio.hash)
    work()
    assert state_of(speech) == SpeechState.READY
    assert len(tone.spoken) == 2


def test_making_again_revives_what_failed(ann, work, tone):
    tone.failures = ["no breath"] * 4
    speech = ask(ann)
    for _ in range(4):
        Audio.objects.update(due_at=speech.created_at)
        work()

    assert make_again(Audio.objects.get())
    work()

    assert state_of(speech) == SpeechState.READY


def test_one_person_can_have_so_many_under_way(ann, boris, settings):
    settings.TTS_MAX_OPEN = 2
    ask(ann, "раз")
    ask(ann, "два")

    with pytest.raises(TooManySpeeches):
        ask(ann, "три")
    assert not Audio.objects.filter(text="три").exists()
    ask(boris, "три")


@pytest.mark.parametrize("route", ["a\0b", "\ud800", "x" * 501])
def test_a_route_that_cannot_be_kept_is_refused(ann, route):
    with pytest.raises(BadRoute):
        ask(ann, route=route)


@pytest.mark.parametrize("route", ["квест/1", "../../etc/passwd", "$$", " ", "x" * 500, "😀"])
def test_a_route_may_be_any_text(ann, work, route):
    ask(ann, route=route)
    work()

    assert Speech.objects.on_route(ann, route).get().is_ready


def test_nothing_to_say_leaves_no_rows(ann):
    with pytest.raises(NothingToSay):
        ask(ann, " … ")
    assert not Audio.objects.exists()


def test_the_end_is_told_within_the_commit_that_writes_it(ann, work):
    seen = []

    def hear(speech, **_):
        seen.append((transaction.get_connection().in_atomic_block, speech.context))

    speech_finished.connect(hear)
    ask(ann, context={"chat": 5})
    work()
    speech_finished.disconnect(hear)

    assert seen == [(True, {"chat": 5})]


def test_the_owner_is_told_over_the_live_line(
    ann, work, sockets, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        ask(ann)
        work()

    events = [(room, frame) for room, frame in sockets.frames]
    assert [room for room, _ in events] == [f"person.{ann.pk}"]
    ((name, payload),) = sockets.heard
    assert name == "speech.finished"
    assert payload["link"] == f"/tts/files/{Audio.objects.get().hash}.mp3"


def test_a_file_is_kept_while_another_audio_has_the_same_bytes(ann, work):
    ask(ann)
    work()
    track = Audio.objects.get().hash

    actions.drop_file(track)

    assert storage.read(track)
