import os
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, default_storage
from django.utils import timezone

from jobs.rows import State
from tts import storage, sweep
from tts.actions import cancel, release_route, request_speech
from tts.crew import Crew
from tts.making import make
from tts.models import Audio, Speech
from tts.models.speech import SpeechState
from tts.synthesis import Wish

pytestmark = pytest.mark.usefixtures("tone", "sockets")


def say(text, work, **options):
    speech = request_speech(None, Wish(text), **options).speech
    work()
    speech.refresh_from_db()
    return speech


def is_there(track):
    return default_storage.exists(storage.place_of(track))


def age(audio, days):
    Audio.objects.filter(pk=audio.pk).update(used_at=timezone.now() - timedelta(days=days))


def test_what_a_dead_worker_left_is_made_by_another(db, work):
    request_speech(None, Wish("привет"))
    Audio.objects.claim_next()
    assert work() == 0

    Audio.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))

    assert work() == 1
    assert Speech.objects.get().is_ready


def test_a_worker_that_was_thought_dead_can_change_nothing(db, work, tone):
    request_speech(None, Wish("привет"))
    late = Audio.objects.claim_next()
    Audio.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    work()
    done = Audio.objects.values().get()

    assert late is not None
    make(late, threading.Event())

    assert Audio.objects.values().get() == done


class SlowStorage(InMemoryStorage):
    """Takes two leases for a file, and looks whether another worker can take it over meanwhile."""

    taken_over: list[Audio | None] = []

    def _save(self, name, content):
        time.sleep(2 * settings.JOBS_LEASE)
        self.taken_over.append(Audio.objects.claim_next())
        return super()._save(name, content)  # type: ignore[misc]  # the stubs lack it


@pytest.mark.django_db(transaction=True)
def test_a_worker_keeps_its_claim_while_a_slow_storage_takes_the_file(settings, work):
    settings.JOBS_LEASE = 0.6
    slow = {"default": {"BACKEND": f"{__name__}.SlowStorage"}}
    settings.STORAGES = settings.STORAGES | slow

    speech = say("привет", work)

    assert speech.is_ready
    assert SlowStorage.taken_over == [None]


def test_what_every_worker_dies_of_is_given_up(db, work):
    request_speech(None, Wish("привет"))
    Audio.objects.update(attempts=50)

    work()

    assert Speech.objects.get().state == SpeechState.FAILED


def test_a_worker_that_is_to_end_leaves_its_text_to_others(db, tone, work):
    request_speech(None, Wish("привет"))
    ending = threading.Event()
    tone.at_each_letter = ending.set

    audio = Audio.objects.claim_next()
    assert audio is not None
    make(audio, ending)

    assert Audio.objects.get().state == State.WAITING
    assert work() == 1
    assert Speech.objects.get().is_ready


def test_old_audio_goes_unless_somebody_keeps_it(db, work):
    old, fresh = say("раз", work), say("третий!", work)
    kept = say("второй", work, route="kept", is_kept=True)
    age(old.audio, 100)
    age(kept.audio, 100)

    sweep.tend()

    assert set(Speech.objects.all()) == {kept, fresh}
    release_route(None, "kept")
    sweep.tend()
    assert set(Speech.objects.all()) == {fresh}


def test_what_is_too_much_goes_least_recently_played_first(
    db, work, settings, django_capture_on_commit_callbacks
):
    speeches = [say("а" * length, work) for length in (10, 20, 30)]
    for days, speech in zip((1, 3, 2), speeches, strict=True):
        age(speech.audio, days)
    settings.TTS_MAX_BYTES = sum(Audio.objects.values_list("size", flat=True)) - 1

    with django_capture_on_commit_callbacks(execute=True):
        sweep.tend()

    assert set(Speech.objects.all()) == {speeches[0], speeches[2]}
    kept = set(Audio.objects.values_list("hash", flat=True))
    assert set(storage.tracks(timedelta(days=-1))) == kept


def test_a_changed_file_is_found_at_night(db, work):
    speech = say("привет", work)
    place = storage.place_of(speech.audio.hash)
    default_storage.delete(place)
    default_storage.save(place, ContentFile(b"other"))

    sweep.tend()

    speech.refresh_from_db()
    assert speech.state == SpeechState.FAILED


def test_files_of_nobody_go_when_they_are_a_day_old(db, work):
    speech = say("привет", work)
    with storage.Draft() as draft:
        draft.write(b"stray")
        stray = draft.keep()
    sweep.tend()
    assert is_there(stray)
    for track in (stray, speech.audio.hash):
        os.utime(default_storage.path(storage.place_of(track)), (1, 1))

    sweep.tend()

    assert not is_there(stray)
    assert is_there(speech.audio.hash)


def test_a_draft_that_was_not_kept_leaves_nothing(db):
    with storage.Draft() as draft:
        draft.write(b"half")

    assert list(storage.drafts().iterdir()) == []


def test_drafts_of_the_dead_go_after_a_day(db):
    storage.drafts().mkdir(parents=True)
    for name, born in (("old.part", 1), ("new.part", time.time())):
        (storage.drafts() / name).touch()
        os.utime(storage.drafts() / name, (born, born))

    storage.drop_old_drafts()

    assert [path.name for path in storage.drafts().iterdir()] == ["new.part"]


@pytest.mark.django_db(transaction=True)
def test_a_crew_makes_all_that_waits_with_few_threads(tone):
    for number in range(12):
        request_speech(None, Wish("привет" + "а" * number))
    at_work = set()

    def note_thread():
        at_work.add(threading.get_ident())
        time.sleep(0.001)

    tone.at_each_letter = note_thread
    crew = Crew(2)

    for _ in range(5):
        crew.wake()
    until = time.monotonic() + 10
    while Speech.objects.open().exists() and time.monotonic() < until:
        time.sleep(0.02)
    crew.end(5)

    assert not Speech.objects.exclude(state=SpeechState.READY).exists()
    assert 1 <= len(at_work) <= 2


@pytest.mark.django_db(transaction=True)
def test_a_cancelled_speech_stops_within_a_tenth_of_a_second(tone, work):
    speech = request_speech(None, Wish("а" * 3000)).speech
    tone.at_each_letter = lambda: time.sleep(0.005)
    crew = Crew(1)
    crew.wake()
    while tone.letters < 5:
        time.sleep(0.005)

    cancel(Speech.objects.get(pk=speech.pk))
    time.sleep(0.1)
    letters = tone.letters
    time.sleep(0.1)

    assert tone.letters == letters
    crew.end(5)
