"""Which engines and voices there are, and how one is added."""

import sys

import pytest

from tts import engines
from tts.engines.engine import OfflineEngine, OnlineEngine
from tts.errors import UnknownEngine, UnknownVoice


@pytest.fixture
def _afresh():
    engines.engines.cache_clear()
    yield
    engines.engines.cache_clear()


@pytest.mark.usefixtures("rhvoice")
def test_the_best_engine_of_the_machine_is_the_default(settings):
    settings.TTS_ENGINE = ""

    assert engines.choose("", "", "ru").name == "elena"
    assert engines.choose("", "", "en").name == "slt"


def test_without_rhvoice_espeak_speaks(settings, tmp_path):
    settings.TTS_ENGINE, settings.RHVOICE_DIR = "", tmp_path / "nothing"

    assert engines.choose("", "", "ru").name == "espeak-ru"
    with pytest.raises(UnknownEngine):
        engines.find("rhvoice")
    with pytest.raises(UnknownVoice):
        engines.named("elena")


def test_the_default_engine_is_a_setting(settings):
    settings.TTS_ENGINE = "gtts"

    assert engines.choose("", "", "ru").name == "google-ru"
    assert engines.choose("", "espeak", "ru").name == "espeak-ru"


@pytest.mark.usefixtures("rhvoice")
def test_every_voice_says_what_it_is():
    voices = engines.voices()

    assert len({voice.name for voice in voices}) == len(voices)
    assert {voice.engine for voice in voices} >= {"rhvoice", "espeak", "gtts"}
    assert all(voice.licence and voice.label and voice.language for voice in voices)


def test_an_engine_is_either_offline_or_online():
    for engine in engines.engines().values():
        assert isinstance(engine, OfflineEngine) != isinstance(engine, OnlineEngine)


@pytest.mark.usefixtures("_afresh")
def test_an_engine_is_added_by_an_entry_point(tmp_path, monkeypatch):
    info = tmp_path / "ours-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ours\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[svyaz.tts.engines]\ntone = tts.tests.tone:ToneEngine\n"
    )
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])

    assert engines.named("tone").engine == "tone"
