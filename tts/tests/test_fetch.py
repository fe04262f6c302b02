"""RHVoice comes by itself, or says why it cannot."""

import os
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import SettingsWrapper

from tts.native import fetch
from tts.native.fetch import NotFetched


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no programs but those that a test puts here."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.mark.usefixtures("rhvoice")
def test_what_is_there_is_not_fetched_again(settings: SettingsWrapper, programs: Any) -> None:
    fetch.main(settings.RHVOICE_DIR)

    assert (settings.RHVOICE_DIR / "licenses" / "voices" / "elena").is_dir()


@pytest.mark.usefixtures("programs")
def test_without_apt_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFetched, match="apt is not installed"):
        fetch.main(tmp_path / "rhvoice")

    assert sorted(os.listdir(tmp_path)) == ["bin", "rhvoice.lock"]


def test_without_a_network_it_says_what_apt_says(tmp_path: Path, programs: Any) -> None:
    program(programs, "dpkg", "exit 0")
    program(programs, "apt-get", "echo E: Failed to fetch >&2; exit 100")

    with pytest.raises(NotFetched, match="E: Failed to fetch"):
        fetch.main(tmp_path / "rhvoice")

    assert not (tmp_path / "rhvoice").exists()


def test_a_mirror_without_rhvoice_is_named(tmp_path: Path, programs: Any) -> None:
    program(programs, "dpkg", "exit 0")
    program(programs, "apt-cache", "echo libsonic0 - speed")
    program(programs, "apt-get", "exit 0")

    with pytest.raises(NotFetched, match="does not have RHVoice"):
        fetch.main(tmp_path / "rhvoice")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("sources.list", "# comment\ndeb [arch=amd64] http://mirror.example/debian trixie main\n"),
        (
            "sources.list.d/debian.sources",
            "Types: deb\nURIs: http://other.example\nSuites: nodistro\nComponents: main\n\n"
            "Types: deb\n# URIs: http://snapshot.example\nURIs: http://mirror.example/debian\n"
            "Suites: trixie trixie-updates\nComponents: main\n",
        ),
    ],
)
def test_the_mirror_is_that_of_the_machine(tmp_path: Path, file: str, content: str) -> None:
    (tmp_path / "apt" / "sources.list.d").mkdir(parents=True)
    (tmp_path / "apt" / file).write_text(content)
    (tmp_path / "os-release").write_text("ID=debian\nVERSION_CODENAME=trixie\n")

    assert fetch.source(tmp_path).endswith("http://mirror.example/debian trixie main non-free\n")


def test_a_machine_without_a_mirror_says_so(tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text("ID=debian\nVERSION_CODENAME=trixie\n")

    with pytest.raises(NotFetched, match="no apt mirror"):
        fetch.source(tmp_path)
