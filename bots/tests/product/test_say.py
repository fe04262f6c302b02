"""`/say`: a text comes back as a native voice message."""

import threading
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import SettingsWrapper

from bots.models import Delivery, Update
from bots.testing import bot_client as bot_client
from realtime.testing import sockets as sockets
from tts.actions import cancel
from tts.models import Audio, Speech
from tts.worker.runner import AudioRunner


@pytest.fixture(autouse=True)
def _files(settings: SettingsWrapper, tmp_path: Path, sockets: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def ann(django_user_model: Any, bot_client: Any) -> Any:
    person = django_user_model.objects.create_user("ann", name="Анна")
    return bot_client.person("Анна").is_linked_to(person)


def speak() -> None:
    while audio := Audio.objects.claim_next():
        AudioRunner(threading.Event()).work(audio)


def test_a_text_comes_back_as_a_voice_message(bot_client: Any, ann: Any) -> None:
    assert ann.send("/say Привет, мир!") == []

    speak()
    bot_client.settle()

    (voice,) = bot_client.last_said.files
    assert voice["file_type"] == "voice"
    assert 500 < voice["duration_ms"] < 5000
    assert len(voice["waveform"]) <= 256
    assert Speech.objects.get().owner.name == "Анна"


def test_what_was_said_before_is_answered_at_once(bot_client: Any, ann: Any) -> None:
    ann.send("/say Привет")
    speak()
    bot_client.settle()

    answers = ann.send("/say Привет")

    assert answers.last.files
    assert Audio.objects.count() == 1


def test_a_handler_that_runs_again_does_not_speak_twice(bot_client: Any, ann: Any) -> None:
    ann.send("/say Привет")
    Update.objects.get().again()
    bot_client.settle()

    speak()

    assert Speech.objects.count() == Delivery.objects.count() == 1


def test_somebody_who_is_not_linked_is_answered_too(bot_client: Any) -> None:
    bot_client.send("/say Привет")

    speak()
    bot_client.settle()

    assert bot_client.last_said.files


@pytest.mark.parametrize(
    ("text", "answer"), [("/say", "/say Hello!"), ("/say …", "nothing that can be spoken")]
)
def test_what_cannot_be_said_is_told(bot_client: Any, ann: Any, text: str, answer: str) -> None:
    assert answer in ann.send(text).text


def test_a_speech_that_fails_is_told(bot_client: Any, ann: Any, settings: SettingsWrapper) -> None:
    settings.TTS_MAX_SECONDS = 0.01
    ann.send("/say Привет, мир!")

    speak()
    bot_client.settle()

    assert "could not be spoken" in bot_client.last_said.text


def test_a_speech_that_was_cancelled_sends_nothing(bot_client: Any, ann: Any) -> None:
    ann.send("/say Привет")
    cancel(Speech.objects.get())

    speak()

    assert not Delivery.objects.exists()
