"""Which engines and voices there are, and how one is added."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import SettingsWrapper

from tts import engines
from tts.engines.checks import check_default_engine_can_speak
from tts.engines.engine import OfflineEngine, OnlineEngine
from tts.errors import UnknownEngine, UnknownVoice


@pytest.fixture
def _afresh() -> Iterator[None]:
    engines.engines.cache_clear()
    yield
    engines.engines.cache_clear()


@pytest.mark.usefixtures("rhvoice")
def test_the_best_engine_of_the_machine_is_the_default(settings: SettingsWrapper) -> None:
    settings.TTS_ENGINE = ""

    assert engines.choose("", "", "ru").name == "elena"
    assert engines.choose("", "", "en").name == "slt"


def test_without_rhvoice_espeak_speaks(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.TTS_ENGINE, settings.RHVOICE_DIR = "", tmp_path / "nothing"

    assert engines.choose("", "", "ru").name == "espeak-ru"
    with pytest.raises(UnknownEngine):
        engines.find("rhvoice")
    with pytest.raises(UnknownVoice):
        engines.named("elena")


def test_the_default_engine_is_a_setting(settings: SettingsWrapper) -> None:
    settings.TTS_ENGINE = "gtts"

    assert engines.choose("", "", "ru").name == "google-ru"
    assert engines.choose("", "espeak", "ru").name == "espeak-ru"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("rhvoice", "is not available on this machine"), ("rhvocie", "does not exist")],
)
def test_a_default_engine_that_cannot_speak_is_replaced_and_warned_of(
    settings: SettingsWrapper, tmp_path: Path, name: str, reason: str
) -> None:
    settings.TTS_ENGINE, settings.RHVOICE_DIR = name, tmp_path / "nothing"

    (warning,) = check_default_engine_can_speak()

    assert engines.choose("", "", "ru").name == "espeak-ru"
    assert reason in warning.msg
    with pytest.raises(UnknownEngine):
        engines.choose("", name, "ru")


@pytest.mark.parametrize("name", ["", "gtts", "espeak"])
def test_a_default_engine_that_can_speak_is_not_warned_of(
    settings: SettingsWrapper, name: str
) -> None:
    settings.TTS_ENGINE = name

    assert check_default_engine_can_speak() == []


@pytest.mark.usefixtures("rhvoice")
def test_every_voice_says_what_it_is() -> None:
    voices = engines.voices()

    assert len({voice.name for voice in voices}) == len(voices)
    assert {voice.engine for voice in voices} >= {"rhvoice", "espeak", "gtts"}
    assert all(voice.licence and voice.label and voice.language for voice in voices)


def test_an_engine_is_either_offline_or_online() -> None:
    for engine in engines.engines().values():
        assert isinstance(engine, OfflineEngine) != isinstance(engine, OnlineEngine)


@pytest.mark.usefixtures("_afresh")
def test_an_engine_is_added_by_an_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "ours-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ours\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[svyaz.tts.engines]\ntone = tts.tests.tone:ToneEngine\n"
    )
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])

    assert engines.named("tone").engine == "tone"
