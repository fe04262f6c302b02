import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest
from django.core.management import CommandError, call_command

from project import house
from project.processes import Claim
from project.tests.conftest import ROOT, STARTS_WITHIN, free_port, wait_for

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def own_var(settings, tmp_path):
    settings.VAR_DIR, settings.RUN_DIR = tmp_path, tmp_path / "run"
    return tmp_path


@pytest.mark.usefixtures("own_var")
def test_a_taken_port_is_one_sentence_with_its_holder_and_a_way_out(settings, taken_port):
    settings.PORT = taken_port

    with pytest.raises(CommandError) as refusal:
        call_command("up")

    assert str(refusal.value) == (
        f"Port {taken_port} is taken by {psutil.Process().name()} (process {os.getpid()})."
        f" Choose another: PORT={taken_port + 1} make run"
    )


def test_a_second_run_in_the_same_place_is_refused(own_var):
    Claim(own_var / "run" / "up.lock").take("manage.py up")

    with pytest.raises(
        CommandError, match=r"Svyaz already runs here: manage.py up \(process \d+\)\."
    ):
        call_command("up")


def test_runserver_names_the_holder_of_a_taken_port(taken_port):
    with pytest.raises(
        CommandError, match=f"Port {taken_port} is taken by .* runserver {taken_port + 1}"
    ):
        call_command("runserver", str(taken_port))


def test_only_places_that_exist_are_shown():
    lines = house.addresses("http://127.0.0.1:8000")

    assert "Admin    http://127.0.0.1:8000/admin/" in lines


def test_the_demo_password_is_shown_once(own_var):
    file = own_var / "demo_password"

    assert house.sign_in(is_new=True) == []
    file.write_text("secret\n")
    assert house.sign_in(is_new=True) == ["Sign in  admin, password: secret"]
    assert house.sign_in(is_new=False) == [f"Sign in  admin, password: see {file}"]


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
    """Return the processes that work on `place`, whoever started them."""
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
def test_up_stops_within_ten_seconds_and_leaves_nothing(number, start, own_var):
    up = start("up", PORT=str(port := free_port()))
    wait_for(lambda: is_ready(port), STARTS_WITHIN)

    up.send_signal(number)

    assert up.wait(timeout=10) == 0
    assert of(own_var) == []


@pytest.mark.slow
@pytest.mark.parametrize("stopped", [False, True], ids=["alive", "half-dead"])
def test_up_starts_again_after_a_kill(stopped, start, own_var):
    up = start("up", PORT=str(port := free_port()))
    wait_for(lambda: is_ready(port), STARTS_WITHIN)
    if stopped:
        next(p for p in of(own_var) if "valkey" in p.name()).suspend()
    up.kill()
    up.wait()

    start("up", PORT=str(port))

    wait_for(lambda: is_ready(port), STARTS_WITHIN)


@pytest.mark.slow
def test_runserver_reloads_its_worker_and_leaves_nothing(start, own_var):
    outer = start("runserver", str(port := free_port()))
    wait_for(lambda: is_ready(port), STARTS_WITHIN)
    before = programs_of(own_var)

    (ROOT / "project" / "urls.py").touch()
    wait_for(lambda: len(programs_of(own_var) - before) == 3)  # web, worker, beat
    wait_for(lambda: is_ready(port), STARTS_WITHIN)
    outer.send_signal(signal.SIGINT)

    outer.wait(timeout=10)
    assert of(own_var) == []


@pytest.mark.slow
def test_a_killed_runserver_leaves_nothing(start, own_var):
    outer = start("runserver", str(port := free_port()))
    wait_for(lambda: is_ready(port), STARTS_WITHIN)

    outer.kill()
    outer.wait()

    wait_for(lambda: of(own_var) == [], within=3)


@pytest.mark.slow
def test_runserver_without_a_worker_shares_the_broker_of_up(start, own_var):
    start("up", PORT=str(first := free_port()))
    wait_for(lambda: is_ready(first), STARTS_WITHIN)

    start("runserver", str(second := free_port()), "--no-worker")
    wait_for(lambda: is_ready(second), STARTS_WITHIN)

    assert sum("valkey" in p.name() for p in of(own_var)) == 1
    assert sum(" worker " in " ".join(p.cmdline()) for p in of(own_var)) == 1
