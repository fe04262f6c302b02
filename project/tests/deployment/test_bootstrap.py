import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A project of nothing but its set-up."""
    for name in ("bootstrap.py", "Makefile"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / "manage.py").write_text("print('started')")
    return tmp_path


@pytest.fixture
def run(place: Path) -> Run:
    # Below a make that runs the tests, another one would say so in its output.
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}

    def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=place,
            env={**inherited, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_the_help_is_what_make_does_by_itself(run: Any) -> None:
    assert "make run" in run("make").stdout


@pytest.mark.parametrize("text", ["exit 1", "echo pyenv: no such version; exit 127"])
def test_a_python_that_does_not_fit_is_refused_in_one_sentence(
    text: str, run: Any, tmp_path: Path
) -> None:
    done = run("make", "run", PYTHON=script(tmp_path / "python", text))

    assert done.returncode
    assert done.stderr.startswith("Svyaz needs Python 3.11 or newer")
    assert "PYTHON=/path/to/python3.12 make run" in done.stderr


def test_an_old_python_that_reads_the_set_up_itself_is_told(run: Any) -> None:
    code = "import sys; sys.version_info = (3, 10, 1); import bootstrap"

    done = run(sys.executable, "-c", code)

    assert done.returncode
    assert done.stderr.startswith("Svyaz needs Python 3.11 or newer")


def test_a_python_without_venv_is_told_what_to_install(run: Any) -> None:
    code = "import sys; sys.modules['ensurepip'] = None; import bootstrap; bootstrap.make_venv()"

    done = run(sys.executable, "-c", code)

    assert done.returncode
    assert "lacks the module ensurepip" in done.stderr
    assert "-venv" in done.stderr


def test_a_full_disk_is_noticed_before_anything_is_made(run: Any, place: Any) -> None:
    code = (
        "import bootstrap; bootstrap.NEEDED_MEGABYTES = 10**9;"
        " bootstrap.main(bootstrap.HOME / 'requirements.txt')"
    )

    done = run(sys.executable, "-c", code)

    assert done.returncode
    assert done.stderr.startswith("Not enough disk")
    assert not (place / ".venv").exists()


@pytest.mark.slow
def test_packages_are_installed_once(run: Any, place: Any) -> None:
    first = run("make", "run", PYTHON=sys.executable)
    second = run("make", "run")

    assert "Installed the packages" in first.stdout
    assert first.stdout.endswith("started\n")
    assert second.stdout == "started\n"


@pytest.mark.slow
def test_a_failed_installation_ends_with_its_last_words_and_is_tried_again(
    run: Any, place: Any
) -> None:
    (place / "requirements.txt").write_text("./no-such-package\n")

    for _ in range(2):
        done = run("make", "run", PYTHON=sys.executable)

        assert done.returncode
        assert "no-such-package" in done.stderr
        assert "pip.log" in done.stderr
