"""Engines for the tests of speech, people who ask for it, and a worker in the test's own thread."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django.fixtures import SettingsWrapper

from realtime.testing import broker, sockets
from tts import engines
from tts.engines.google import Google
from tts.models import Audio
from tts.native import fetch
from tts.tests import google_fake
from tts.tests.google_fake import GoogleFake
from tts.tests.tone import SpareEngine, ToneEngine
from tts.worker.runner import AudioRunner

__all__ = ["broker", "sockets"]


@pytest.fixture(scope="session")
def rhvoice() -> None:
    """RHVoice, fetched once. Where it cannot be had, the test is skipped, but never in CI."""
    try:
        fetch.main(settings.RHVOICE_DIR)
    except fetch.NotFetched as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"in CI RHVoice must be tested: {error}")
        pytest.skip(f"there is no RHVoice here: {error}")


@pytest.fixture(autouse=True)
def _files(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def tone(monkeypatch: pytest.MonkeyPatch) -> ToneEngine:
    """The only engine there is, registered as one of a package would be."""
    engine = ToneEngine()
    monkeypatch.setattr(engines, "engines", lambda: {"tone": engine})
    return engine


@pytest.fixture
def spare(tone: Any, monkeypatch: pytest.MonkeyPatch) -> SpareEngine:
    """A second engine, which speaks what `tone` fails to."""
    engine = SpareEngine()
    monkeypatch.setattr(engines, "engines", lambda: {"tone": tone, "spare": engine})
    return engine


@pytest.fixture
def ann(db: Any) -> Any:
    return get_user_model().objects.create_user("ann", name="Анна Соколова")


@pytest.fixture
def api(ann: Any, settings: SettingsWrapper) -> Client:
    """A program that shows Ann's key."""
    settings.KEY_AUTHENTICATOR = "tts.tests.conftest.owner_of_key"
    return Client(headers={"api-key": "key of ann"})


def owner_of_key(key: str, address: str | None = None) -> Any:
    return get_user_model().objects.filter(username=key.removeprefix("key of ")).first()


@pytest.fixture
def boris(db: Any) -> Any:
    return get_user_model().objects.create_user("boris", name="Борис Кузнецов")


@pytest.fixture
def work(tone: Any, sockets: Any) -> Callable[[], int]:
    """Make what waits, and return how many rows were taken."""

    def make_all() -> int:
        made = 0
        while audio := Audio.objects.claim_next():
            AudioRunner(threading.Event()).work(audio)
            made += 1
        return made

    return make_all


@pytest.fixture
def google(settings: SettingsWrapper) -> Iterator[GoogleFake]:
    """Google's voices, spoken by a fake, with a closed breaker."""
    Google.breaker.close()
    with google_fake.running() as fake:
        settings.TTS_GOOGLE_URL = fake.url
        yield fake
    Google.breaker.close()
