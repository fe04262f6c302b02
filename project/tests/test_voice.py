"""Which voice the house tells of at its start."""

from project import house


async def test_without_apt_another_voice_speaks_and_the_reason_is_told(
    settings, tmp_path, monkeypatch
):
    settings.RHVOICE_DIR = tmp_path / "rhvoice"
    monkeypatch.setenv("PATH", "")

    assert await house.voice() == (
        "espeak-ng, English; RHVoice was not fetched: there is no apt here"
    )


async def test_a_better_voice_speaks_once_it_is_there(settings, tmp_path):
    settings.LANGUAGE_CODE, settings.RHVOICE_DIR = "ru", tmp_path

    assert await house.voice() == "Elena, RHVoice"
