"""Many people replace and cancel what real workers speak: none is lost, wrong or late."""

import hashlib
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.auth import get_user_model
from django.db import connections
from pytest_django.fixtures import SettingsWrapper

from conftest import database_url
from jobs.rows import State
from project.tests.conftest import ROOT, wait_for
from tts import storage
from tts.actions import cancel, hash_text, request_speech
from tts.models import Audio, Speech
from tts.models.speech import SpeechState
from tts.synthesis import SpeechSpec
from tts.worker.sweep import sweep

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WORKERS = 2
PEOPLE = 3
HANDS = 2  # of each person, both on the same routes
ROUTES = 2
ROUNDS = 10
KILLS = 3
ENDED = (SpeechState.READY, SpeechState.CANCELLED)

Workers = list["subprocess.Popen[bytes]"]


@pytest.fixture
def start_worker(
    settings: SettingsWrapper, tmp_path: Path
) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """Start Celery workers on the database of the tests; all of them are ended."""
    settings.MEDIA_ROOT = tmp_path / "media"
    own = {
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "DATABASE_URL": database_url(),
        "REDIS_URL": configured.REDIS_URL,
        "SECRET_KEY": configured.SECRET_KEY,
        "VAR_DIR": str(tmp_path),
        "DEBUG": "1",
        "TTS_CONCURRENCY": "2",
        "JOBS_LEASE": "2",
    }
    workers: Workers = []

    def start() -> "subprocess.Popen[bytes]":
        with (tmp_path / f"worker{len(workers)}.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "celery", "--app", "project", "--quiet", "worker"],
                cwd=ROOT,
                env={**os.environ, **own},
                stdout=log,
                stderr=log,
            )
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.wait(timeout=20)


@pytest.fixture
def workers(start_worker: Callable[[], "subprocess.Popen[bytes]"]) -> Workers:
    """Return workers that are at work: each has spoken, or waited while another one did."""
    started = [start_worker() for _ in range(WORKERS)]
    first = request_speech(None, SpeechSpec("Готовы?", engine="espeak")).speech
    wait_for(lambda: Speech.objects.get(pk=first.pk).is_ready)
    return started


class Hand:
    """One of those who change their minds, with what was seen of it."""

    def __init__(self, person: Any, seed: int) -> None:
        self.person = person
        self.seed = seed
        self.dice = random.Random(seed)
        self.asked: list[Speech] = []
        self.stopped_after: list[float] = []

    def act(self) -> None:
        try:
            for number in range(ROUNDS):
                speech = self._ask(number)
                time.sleep(self.dice.uniform(0.1, 0.8))
                if self.dice.random() < 0.7:
                    self._cancel(speech)
        finally:
            connections.close_all()

    def _ask(self, number: int) -> Speech:
        """Put another text on a route. From now on no older one may answer for it."""
        length = self.dice.choice((1, 100, 100))
        text = f"Текст {number} от {self.seed}, {self.person}. " * length
        route = f"r{self.dice.randrange(ROUTES)}"
        spec = SpeechSpec(text, engine="espeak", speed=0.5)
        speech = request_speech(self.person, spec, route=route).speech
        self.asked.append(speech)
        assert Speech.objects.on_route(self.person, route).get().pk >= speech.pk
        return speech

    def _cancel(self, speech: Speech) -> None:
        """Cancel, and note how long the worker went on if it was in the middle of it."""
        was_spoken = Audio.objects.filter(pk=speech.audio_id, state=State.WORKING).exists()
        speech.refresh_from_db()
        if cancel(speech) and was_spoken:
            cancelled = time.monotonic()
            spoken = Audio.objects.filter(pk=speech.audio_id, state=State.WORKING)
            wait_for(lambda: not spoken.exists(), every=0.005)
            self.stopped_after.append(time.monotonic() - cancelled)


@pytest.fixture
def hands() -> list[Hand]:
    people = [get_user_model().objects.create_user(f"person{n}") for n in range(PEOPLE)]
    return [Hand(person, seed) for person in people for seed in range(HANDS)]


def let_act(hands: list[Hand], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Let all hands act at once, and wait until there is nothing left to be spoken."""
    with ThreadPoolExecutor(len(hands)) as crowd:
        acting = [crowd.submit(hand.act) for hand in hands]
        meanwhile()
        for act in acting:
            act.result()

    def is_over() -> bool:
        sweep()
        return not (Speech.objects.open().exists() or Audio.objects.open().exists())

    wait_for(is_over, within=120, every=0.5)


def check_all(hands: list[Hand]) -> None:
    """Every speech has ended, the last one of a route answers for it, and says what it should."""
    asked = [speech for hand in hands for speech in hand.asked]
    rows = Speech.objects.filter(owner__in={hand.person for hand in hands}).select_related("audio")
    assert {speech.pk for speech in asked} == {row.pk for row in rows}
    newest: dict[tuple[int | None, str], Speech] = {}
    for row in rows.order_by("pk"):
        newest[row.owner_id, row.route] = row
        assert row.state in ENDED, (row.state, row.reason)
        assert row.text_hash == hash_text(row.audio.text)
        assert row.is_ready <= row.audio.has_file
    assert {row.pk for row in rows if row.is_current} == {row.pk for row in newest.values()}
    for audio in Audio.objects.exclude(hash=""):
        assert hashlib.sha256(storage.read(audio.hash)).hexdigest() == audio.hash


@pytest.mark.usefixtures("workers")
def test_the_last_text_of_a_route_answers_and_what_is_cancelled_stops_at_once(hands: Any) -> None:
    let_act(hands)

    check_all(hands)
    stopped_after = [seconds for hand in hands for seconds in hand.stopped_after]
    # A tenth of a second is promised; here, all processors are taken and the database is asked.
    assert statistics.median(stopped_after) < 0.2


def test_it_is_so_while_workers_are_killed_too(hands: Any, workers: Any, start_worker: Any) -> None:
    def kill_some() -> None:
        for _ in range(KILLS):
            time.sleep(2)
            workers.pop(0).kill()
            workers.append(start_worker())

    let_act(hands, kill_some)

    check_all(hands)
