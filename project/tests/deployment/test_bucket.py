"""Speech and pictures in a bucket, on a real S3 server."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from secrets import token_hex
from typing import Any

import boto3
import httpx
import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import SettingsWrapper

from core.tests.ports import free_port
from project.tests.conftest import wait_for
from realtime.testing import sockets
from tts import storage
from tts.actions import request_speech
from tts.models import Audio, Speech
from tts.storage import cache
from tts.synthesis import SpeechSpec
from tts.tests.http.test_files import get
from tts.worker.runner import AudioRunner
from tts.worker.sweep import clean_up
from twitter.actions.media import sweep_uploads, upload_avatar
from twitter.models import Media
from twitter.tasks import thumbnail
from twitter.tests.conftest import caller
from twitter.tests.factories import make_person, picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("bucket", "sockets")]
__all__ = ["sockets"]

fetch = async_to_sync(get)
KEYS = {"access_key": "key", "secret_key": "secret"}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: httpx.get(url).status_code)
        yield url
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def use_bucket(settings: SettingsWrapper) -> Callable[..., None]:
    def use(**options: Any) -> None:
        given = {**settings.S3_OPTIONS, **KEYS, **options}
        backend = {"BACKEND": "core.storage.s3.MediaStorage", "OPTIONS": given}
        settings.STORAGES = {**settings.STORAGES, "default": backend}

    return use


@pytest.fixture
def bucket(s3: str, use_bucket: Callable[..., None]) -> Any:
    """A new bucket, in which all files are from now on."""
    client = boto3.resource(
        "s3",
        endpoint_url=s3,
        region_name="us-east-1",
        aws_access_key_id=KEYS["access_key"],
        aws_secret_access_key=KEYS["secret_key"],
    )
    made = client.create_bucket(Bucket=f"svyaz-{token_hex(4)}")
    use_bucket(endpoint_url=s3, bucket_name=made.name)
    return made


@pytest.fixture
def away(use_bucket: Callable[..., None]) -> Callable[[], None]:
    """Take the bucket away."""
    return lambda: use_bucket(endpoint_url=f"http://127.0.0.1:{free_port()}", bucket_name="gone")


def say(text: str = "привет") -> Speech:
    speech = request_speech(None, SpeechSpec(text, engine="espeak"), route="r").speech
    make_all()
    speech.refresh_from_db()
    return speech


def make_all() -> None:
    while audio := Audio.objects.claim_next():
        AudioRunner(threading.Event()).work(audio)


def names(bucket: Any) -> set[str]:
    return {found.key for found in bucket.objects.all()}


def placed(speech: Speech) -> str:
    return storage.storage_name(speech.audio.hash)


def test_speech_is_served_from_the_bucket_whole_and_in_part(bucket: Any) -> None:
    speech = say()
    track = speech.audio.hash
    cache.files.forget(track)

    whole = fetch(f"{track}.mp3")
    part = fetch(f"{track}.mp3", range="bytes=10-19")

    assert (whole[0], len(whole[2])) == (200, speech.audio.size)
    assert (part[0], part[2]) == (206, whole[2][10:20])


def test_what_changed_in_the_bucket_is_found_at_night_and_made_anew(bucket: Any) -> None:
    speech = say()
    bucket.Object(placed(speech)).put(Body=b"something else")

    clean_up()
    speech.refresh_from_db()
    assert not speech.is_ready

    again = say()
    assert again.is_ready
    assert len(storage.read(again.audio.hash)) == again.audio.size


def test_what_changed_is_overwritten_by_what_it_should_be(bucket: Any) -> None:
    speech = say()
    spoken = storage.read(speech.audio.hash)
    bucket.Object(placed(speech)).put(Body=b"something else")

    with storage.Draft() as draft:
        draft.write(spoken)
        draft.commit()

    assert names(bucket) == {placed(speech)}
    assert storage.read(speech.audio.hash) == spoken


def test_what_is_made_again_the_same_stays_where_it_is(bucket: Any) -> None:
    speech = say()
    stored_at = bucket.Object(placed(speech)).last_modified

    with storage.Draft() as draft:
        draft.write(storage.read(speech.audio.hash))
        assert draft.commit() == speech.audio.hash

    assert names(bucket) == {placed(speech)}
    assert bucket.Object(placed(speech)).last_modified == stored_at


def test_what_nobody_plays_leaves_the_bucket(bucket: Any) -> None:
    say()
    Audio.objects.update(used_at=timezone.now() - timedelta(days=1000))

    clean_up()

    assert names(bucket) == set()
    assert not Audio.objects.exists()


def test_while_the_bucket_is_away_calls_and_files_say_so(away: Any) -> None:
    speech = say()
    cache.files.forget(speech.audio.hash)
    away()

    status, headers, _ = fetch(f"{speech.audio.hash}.mp3")

    assert (status, headers["cache-control"]) == (503, "no-store")
    speech.refresh_from_db()
    assert speech.is_ready


def test_while_the_bucket_is_away_the_page_says_so_beside_the_text(away: Any) -> None:
    browser = Client()
    browser.force_login(make_person("ann"))
    asked = {"text": "привет", "speed": "1.0"}
    browser.post("/tts/say", asked)
    make_all()
    away()

    answer = browser.post("/tts/say", asked)

    assert answer.status_code == 503
    assert "The audio storage is unavailable" in answer.content.decode()


def test_a_picture_is_uploaded_shown_and_swept_away(bucket: Any) -> None:
    ann = make_person("ann")
    api = caller(ann)
    sent = api.post("/api/medias", {"file": picture("PNG")}).json()
    thumbnail(sent["media_id"])
    media = Media.objects.get()
    assert names(bucket) == {media.file.name, media.thumbnail.name}

    shown = Client().get(sent["url"])

    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/png")
    Media.objects.update(created_at=timezone.now() - timedelta(days=30))
    assert sweep_uploads() == 1
    assert names(bucket) == set()


def test_a_new_picture_of_a_person_replaces_the_old_one(bucket: Any) -> None:
    ann = make_person("ann")

    upload_avatar(ann, picture("PNG"))
    upload_avatar(ann, picture("JPEG"))

    assert names(bucket) == {ann.avatar.name}
