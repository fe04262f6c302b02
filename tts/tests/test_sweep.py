import os
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, default_storage
from django.utils import timezone
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, SettingsWrapper

from jobs.rows import State
from tts import storage
from tts.actions import cancel, release_route, request_speech
from tts.models import Audio, Speech
from tts.models.speech import SpeechState
from tts.synthesis import SpeechSpec
from tts.worker import sweep
from tts.worker.pool import WorkerPool
from tts.worker.runner import AudioRunner

pytestmark = pytest.mark.usefixtures("tone", "sockets")


def say(text: Any, work: Any, **options: Any) -> Any:
    speech = request_speech(None, SpeechSpec(text), **options).speech
    work()
    speech.refresh_from_db()
    return speech


def is_there(track: Any) -> Any:
    return default_storage.exists(storage.storage_name(track))


def age(audio: Any, days: Any) -> None:
    Audio.objects.filter(pk=audio.pk).update(used_at=timezone.now() - timedelta(days=days))


def test_what_a_dead_worker_left_is_made_by_another(db: Any, work: Any) -> None:
    request_speech(None, SpeechSpec("привет"))
    Audio.objects.claim_next()
    assert work() == 0

    Audio.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))

    assert work() == 1
    assert Speech.objects.get().is_ready


def test_a_worker_that_was_thought_dead_can_change_nothing(db: Any, work: Any, tone: Any) -> None:
    request_speech(None, SpeechSpec("привет"))
    late = Audio.objects.claim_next()
    Audio.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    work()
    done = Audio.objects.values().get()

    assert late is not None
    AudioRunner(threading.Event()).work(late)

    assert Audio.objects.values().get() == done


class SlowStorage(InMemoryStorage):
    """Takes two leases for a file, and looks whether another worker can take it over meanwhile."""

    taken_over: list[Audio | None] = []

    def _save(self, name: Any, content: Any) -> Any:
        time.sleep(1.5 * settings.JOBS_LEASE)
        self.taken_over.append(Audio.objects.claim_next())
        return super()._save(name, content)  # type: ignore[misc]  # the stubs lack it


@pytest.mark.django_db(transaction=True)
def test_a_worker_keeps_its_claim_while_a_slow_storage_takes_the_file(
    settings: SettingsWrapper, work: Any
) -> None:
    settings.JOBS_LEASE = 1.5
    slow = {"default": {"BACKEND": f"{__name__}.SlowStorage"}}
    settings.STORAGES = settings.STORAGES | slow

    speech = say("привет", work)

    assert speech.is_ready
    assert SlowStorage.taken_over == [None]


def test_what_every_worker_dies_of_is_given_up(db: Any, work: Any) -> None:
    request_speech(None, SpeechSpec("привет"))
    Audio.objects.update(attempts=50)

    work()

    assert Speech.objects.get().state == SpeechState.FAILED


def test_a_worker_that_is_to_end_leaves_its_text_to_others(db: Any, tone: Any, work: Any) -> None:
    request_speech(None, SpeechSpec("привет"))
    ending = threading.Event()
    tone.at_each_letter = ending.set

    audio = Audio.objects.claim_next()
    assert audio is not None
    AudioRunner(ending).work(audio)

    assert Audio.objects.get().state == State.WAITING
    assert work() == 1
    assert Speech.objects.get().is_ready


def test_old_audio_goes_unless_somebody_keeps_it(db: Any, work: Any) -> None:
    old, fresh = say("раз", work), say("третий!", work)
    exempt = say("второй", work, route="kept", is_kept=True)
    age(old.audio, 100)
    age(exempt.audio, 100)

    sweep.clean_up()

    assert set(Speech.objects.all()) == {exempt, fresh}
    release_route(None, "kept")
    sweep.clean_up()
    assert set(Speech.objects.all()) == {fresh}


def test_what_is_too_much_goes_least_recently_played_first(
    db: Any,
    work: Any,
    settings: SettingsWrapper,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    speeches = [say("а" * length, work) for length in (10, 20, 30)]
    for days, speech in zip((1, 3, 2), speeches, strict=True):
        age(speech.audio, days)
    settings.TTS_MAX_BYTES = sum(Audio.objects.values_list("size", flat=True)) - 1

    with django_capture_on_commit_callbacks(execute=True):
        sweep.clean_up()

    assert set(Speech.objects.all()) == {speeches[0], speeches[2]}
    hashes = set(Audio.objects.values_list("hash", flat=True))
    assert set(storage.stored_hashes(timedelta(days=-1))) == hashes


def test_a_changed_file_is_found_at_night(db: Any, work: Any) -> None:
    speech = say("привет", work)
    place = storage.storage_name(speech.audio.hash)
    default_storage.delete(place)
    default_storage.save(place, ContentFile(b"other"))

    sweep.clean_up()

    speech.refresh_from_db()
    assert speech.state == SpeechState.FAILED


def test_files_of_nobody_go_when_they_are_a_day_old(db: Any, work: Any) -> None:
    speech = say("привет", work)
    with storage.Draft() as draft:
        draft.write(b"stray")
        stray = draft.commit()
    sweep.clean_up()
    assert is_there(stray)
    for track in (stray, speech.audio.hash):
        os.utime(default_storage.path(storage.storage_name(track)), (1, 1))

    sweep.clean_up()

    assert not is_there(stray)
    assert is_there(speech.audio.hash)


def test_a_draft_that_was_not_kept_leaves_nothing(db: Any) -> None:
    with storage.Draft() as draft:
        draft.write(b"half")

    assert list(storage.drafts().iterdir()) == []


def test_drafts_of_the_dead_go_after_a_day(db: Any) -> None:
    storage.drafts().mkdir(parents=True)
    for name, born in (("old.part", 1), ("new.part", time.time())):
        (storage.drafts() / name).touch()
        os.utime(storage.drafts() / name, (born, born))

    storage.delete_stale_drafts()

    assert [path.name for path in storage.drafts().iterdir()] == ["new.part"]


@pytest.mark.django_db(transaction=True)
def test_a_crew_makes_all_that_waits_with_few_threads(tone: Any) -> None:
    for number in range(12):
        request_speech(None, SpeechSpec("привет" + "а" * number))
    at_work = set()

    def note_thread() -> None:
        at_work.add(threading.get_ident())
        time.sleep(0.001)

    tone.at_each_letter = note_thread
    pool = WorkerPool(2)

    for _ in range(5):
        pool.wake()
    until = time.monotonic() + 10
    while Speech.objects.open().exists() and time.monotonic() < until:
        time.sleep(0.02)
    pool.stop(5)

    assert not Speech.objects.exclude(state=SpeechState.READY).exists()
    assert 1 <= len(at_work) <= 2


@pytest.mark.django_db(transaction=True)
def test_a_cancelled_speech_stops_in_the_middle(tone: Any, work: Any) -> None:
    speech = request_speech(None, SpeechSpec("а" * 3000)).speech
    tone.at_each_letter = lambda: time.sleep(0.005)
    pool = WorkerPool(1)
    pool.wake()
    while tone.letters < 5:
        time.sleep(0.005)

    cancel(Speech.objects.get(pk=speech.pk))
    while Audio.objects.filter(state=State.WORKING).exists():
        time.sleep(0.01)

    assert tone.letters < 3000
    pool.stop(5)
