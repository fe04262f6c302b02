"""Which voice `manage.py up` reports at its start."""

from pathlib import Path

import pytest
from pytest_django.fixtures import SettingsWrapper

from launcher import preparation


async def test_without_apt_another_voice_speaks_and_the_reason_is_told(
    settings: SettingsWrapper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RHVOICE_DIR = tmp_path / "rhvoice"
    monkeypatch.setenv("PATH", "")

    assert await preparation.voice() == (
        "espeak-ng, English; RHVoice was not fetched: apt is not installed"
    )


async def test_a_better_voice_speaks_once_it_is_there(
    settings: SettingsWrapper, tmp_path: Path
) -> None:
    settings.LANGUAGE_CODE, settings.RHVOICE_DIR = "ru", tmp_path

    assert await preparation.voice() == "Elena, RHVoice"
