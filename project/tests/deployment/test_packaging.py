"""Svyaz as an installed package: everything that it needs is in the wheel, and runs elsewhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.version import __version__
from project.tests.conftest import ROOT, running_instance

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the packages of a built wheel; what it depends on is in this environment."""
    directory = tmp_path_factory.mktemp("wheel")
    uv = [sys.executable, "-m", "uv", "--quiet"]
    built = directory / "built"
    # From a copy, so that setuptools leaves nothing in the checkout.
    source = directory / "source"
    archive = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    for name in archive.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([*uv, "build", "--wheel", "--out-dir", built, source], check=True)
    (wheel,) = built.glob("*.whl")
    site = directory / "site"
    subprocess.run([*uv, "pip", "install", "--no-deps", "--target", site, wheel], check=True)
    return site


def svyaz(installed: Path, *arguments: str) -> list[str]:
    return [sys.executable, str(installed / "bin" / "svyaz"), *arguments]


def test_every_file_that_is_not_a_test_is_installed(installed: Path) -> None:
    packages = [
        "project",
        "launcher",
        "accounts",
        "bots",
        "sandbox",
        "twitter",
        "tts",
        "realtime",
        "jobs",
        "core",
    ]
    files = subprocess.run(
        ["git", "ls-files", *packages], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()

    missing = [name for name in files if "/tests/" not in name and not (installed / name).is_file()]

    assert missing == []


def test_the_script_knows_its_version_and_explains_itself(installed: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed)}

    version = subprocess.check_output(svyaz(installed, "--version"), env=environment, text=True)
    usage = subprocess.check_output(svyaz(installed, "--help"), env=environment, text=True)
    mistake = subprocess.run(svyaz(installed, "fly"), env=environment, check=False)

    assert version.strip() == __version__
    assert "svyaz startbot" in usage
    assert mistake.returncode != 0


def test_it_runs_in_a_directory_of_its_own(installed: Path, tmp_path: Path) -> None:
    with running_instance(
        tmp_path / "var", svyaz(installed, "up"), tmp_path, PYTHONPATH=str(installed)
    ) as instance:
        page = instance.call("GET", "/api/tweets?limit=1", headers={"api-key": "test"})
        bots = instance.world()["bots"]

    assert page["result"] is True
    assert bots
    assert (tmp_path / "var" / "db.sqlite3").exists()


def test_an_app_finds_the_installed_package(installed: Path, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "SVYAZ_HOME"}
    path = f"{Path(sys.executable).parent}:{installed / 'bin'}:{os.environ['PATH']}"
    environment |= {"PYTHONPATH": str(installed), "PATH": path, "PYTHON": sys.executable}
    app = tmp_path / "elsewhere" / "acme"
    (tmp_path / "elsewhere").mkdir()

    subprocess.run(svyaz(installed, "startbot", "acme", str(app)), env=environment, check=True)
    tests = subprocess.run(
        ["make", "-C", str(app), "test"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert "3 passed" in tests.stdout
