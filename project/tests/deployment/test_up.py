import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import SettingsWrapper

from core.tests.ports import free_port
from launcher import programs
from launcher.processes import Claim
from project.tests.conftest import ROOT, START_TIMEOUT, wait_for

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def own_var(settings: SettingsWrapper, tmp_path: Path) -> Any:
    settings.VAR_DIR, settings.RUN_DIR = tmp_path, tmp_path / "run"
    return tmp_path


@pytest.mark.usefixtures("own_var")
def test_a_taken_port_is_one_sentence_with_its_holder_and_a_way_out(
    settings: SettingsWrapper, taken_port: Any
) -> None:
    settings.PORT = taken_port

    with pytest.raises(CommandError) as refusal:
        call_command("up")

    assert str(refusal.value) == (
        f"Port {taken_port} is already in use by {psutil.Process().name()} (process {os.getpid()})."
        f" Choose another: PORT={taken_port + 1} make run"
    )


def test_a_second_run_in_the_same_place_is_refused(own_var: Any) -> None:
    Claim(own_var / "run" / "up.lock").take("manage.py up")

    with pytest.raises(
        CommandError, match=r"Svyaz is already running here: manage.py up \(process \d+\)\."
    ):
        call_command("up")


def test_runserver_names_the_holder_of_a_taken_port(taken_port: Any) -> None:
    with pytest.raises(
        CommandError, match=f"Port {taken_port} is already in use by .* runserver {taken_port + 1}"
    ):
        call_command("runserver", str(taken_port))


def test_the_supervisor_loads_neither_models_nor_apps() -> None:
    code = (
        "import sys, launcher.up; from django.conf import settings; assert settings.PORT;"
        "print({'django.db.models', 'bots', 'sandbox', 'twitter', 'tts'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout == "set()\n", done.stderr


def test_only_places_that_exist_are_shown() -> None:
    lines = programs.addresses("http://127.0.0.1:8000")

    assert "Admin    http://127.0.0.1:8000/admin/" in lines


def test_the_demo_password_is_shown_once(own_var: Any) -> None:
    file = own_var / "demo_password"

    assert programs.sign_in(is_new=True) == []
    file.write_text("secret\n")
    assert programs.sign_in(is_new=True) == ["Sign in  admin, password: secret"]
    assert programs.sign_in(is_new=False) == [f"Sign in  admin, password: see {file}"]


@pytest.fixture
def start(furnished: Path, own_var: Path) -> Iterator[Start]:
    """Start commands of this project in a place of their own; none of them outlives the test."""
    shutil.copytree(furnished, own_var, dirs_exist_ok=True)
    started: list[subprocess.Popen[bytes]] = []
    inherited = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    own = {"DJANGO_SETTINGS_MODULE": "project.settings", "VAR_DIR": str(own_var), "DEBUG": "1"}

    def start(*command: str, **environment: str) -> subprocess.Popen[bytes]:
        with (own_var / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env={**inherited, **own, **environment},
                stdout=log,
                stderr=log,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def is_ready(port: int) -> bool:
    return httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).is_success


def of(place: Path) -> list[psutil.Process]:
    """Return all processes that use `place`."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            # Valkey overwrites its environment with its title, which has its socket's path.
            words = [*process.environ().values(), *process.cmdline()]
            if any(str(place) in word for word in words):
                found.append(process)
    return found


def programs_of(place: Path) -> set[psutil.Process]:
    """Return those of them that a supervisor starts; voices are the children of these."""
    found = set()
    for process in of(place):
        with suppress(psutil.Error):
            if "tts.native.child" not in process.cmdline():
                found.add(process)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_stops_within_ten_seconds_and_leaves_nothing(
    number: Any, start: Any, own_var: Any
) -> None:
    up = start("up", PORT=str(port := free_port()))
    wait_for(lambda: is_ready(port), START_TIMEOUT)

    up.send_signal(number)

    assert up.wait(timeout=10) == 0
    assert of(own_var) == []


@pytest.mark.slow
@pytest.mark.parametrize("stopped", [False, True], ids=["alive", "half-dead"])
def test_up_starts_again_after_a_kill(stopped: bool, start: Any, own_var: Any) -> None:
    up = start("up", PORT=str(port := free_port()))
    wait_for(lambda: is_ready(port), START_TIMEOUT)
    if stopped:
        next(p for p in of(own_var) if "valkey" in p.name()).suspend()
    up.kill()
    up.wait()

    start("up", PORT=str(port))

    wait_for(lambda: is_ready(port), START_TIMEOUT)
    assert up.pid not in {process.pid for process in of(own_var)}


@pytest.mark.slow
def test_runserver_reloads_its_worker_and_leaves_nothing(start: Any, own_var: Any) -> None:
    outer = start("runserver", str(port := free_port()))
    wait_for(lambda: is_ready(port), START_TIMEOUT)
    before = programs_of(own_var)

    (ROOT / "project" / "urls.py").touch()
    wait_for(lambda: len(programs_of(own_var) - before) == 2)  # web, worker
    wait_for(lambda: is_ready(port), START_TIMEOUT)
    outer.send_signal(signal.SIGINT)

    outer.wait(timeout=10)
    assert of(own_var) == []


@pytest.mark.slow
def test_a_killed_runserver_leaves_nothing(start: Any, own_var: Any) -> None:
    outer = start("runserver", str(port := free_port()))
    wait_for(lambda: is_ready(port), START_TIMEOUT)

    outer.kill()
    outer.wait()

    wait_for(lambda: of(own_var) == [], within=3)


@pytest.mark.slow
def test_runserver_without_a_worker_shares_the_broker_of_up(start: Any, own_var: Any) -> None:
    start("up", PORT=str(first := free_port()))
    wait_for(lambda: is_ready(first), START_TIMEOUT)

    start("runserver", str(second := free_port()), "--no-worker")
    wait_for(lambda: is_ready(second), START_TIMEOUT)

    assert sum("valkey" in p.name() for p in of(own_var)) == 1
    assert sum(" worker " in " ".join(p.cmdline()) for p in of(own_var)) == 1
