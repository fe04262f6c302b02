"""Running the site's processes as an unprivileged user, from a directory that stands for a machine.

Packages are not installed again: pip confirms that the running environment has all that a command
would install, and then that environment is used.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import django
import psutil

from launcher import broker
from project.tests.faults.clusters import Cluster, running_cluster

SCRIPTS = ("uvicorn", "celery")


def unprivileged_user() -> int:
    return os.getuid() or pwd.getpwnam("nobody").pw_uid


def bytecode_cache(place: Path) -> dict[str, str]:
    """Return what lets processes share their bytecode; compiled anew, each start takes 10 s."""
    cache = place / "bytecode"
    cache.mkdir(exist_ok=True)
    cache.chmod(0o777)
    return {"PYTHONPYCACHEPREFIX": str(cache), "PYTHONDONTWRITEBYTECODE": ""}


def use_installed_packages(venv: Path, arguments: str, requirements: Path) -> None:
    """Do what `venv/bin/pip ARGUMENTS` would do, without downloading what is here already."""
    dry = [sys.executable, "-m", "pip", *arguments.split(), "--dry-run", "--no-deps", "--quiet"]
    done = subprocess.run(dry, cwd=requirements, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Would install" not in done.stdout
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "installed.pth").write_text(f"{Path(django.__file__).parent.parent}\n")
    for script in SCRIPTS:
        add_script(venv / "bin" / script, script)


def add_script(path: Path, name: str) -> None:
    """Make the command that pip would have made, in a form that survives a move."""
    (found,) = {
        point.value
        for one in distributions()
        for point in one.entry_points.select(group="console_scripts", name=name)
    }
    module, _, function = found.partition(":")
    code = f"import sys; from {module} import {function} as main; sys.exit(main())"
    path.write_text(f'#!/bin/sh\nexec "$(dirname "$0")/python" -c \'{code}\' "$@"\n')
    path.chmod(0o755)


def python_for(uid: int, place: Path) -> Path:
    """Return a Python of this version that the user `uid` may run: this one, or a copy."""
    own = Path(getattr(sys, "_base_executable", sys.executable))
    try:
        subprocess.run([own, "-c", ""], check=True, cwd="/", **as_user(uid))
    except (OSError, subprocess.CalledProcessError):
        return copy_of_python(own, place)
    return own


def copy_of_python(executable: Path, place: Path) -> Path:
    base, version = (
        Path(sys.base_prefix),
        f"python{sys.version_info.major}.{sys.version_info.minor}",
    )
    unneeded = ("test", "site-packages", "idlelib", "__pycache__", "config-*", "tkinter")
    library = shutil.ignore_patterns(*unneeded)
    shutil.copytree(base / "lib" / version, place / "lib" / version, ignore=library)
    for shared in (base / "lib").glob("libpython*.so*"):
        shutil.copy2(shared, place / "lib")
    (place / "bin").mkdir()
    copied = Path(shutil.copy2(executable.resolve(), place / "bin" / version))
    (place / "bin" / "python3").symlink_to(version)
    return copied


def as_user(uid: int) -> dict[str, Any]:
    return {} if uid == os.getuid() else {"user": uid, "group": uid, "extra_groups": []}


class Container:
    """Starts the image's commands as an unprivileged user and keeps what they write."""

    def __init__(self, image: Path, environment: dict[str, str], uid: int) -> None:
        self._image, self._environment, self._uid = image, environment, uid
        self._output = (image / "log").open("w+b")
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, command: list[str]) -> subprocess.Popen[bytes]:
        program = shutil.which(command[0], path=self._environment["PATH"])
        assert program, f"{command[0]} is not in the image"
        process = subprocess.Popen(
            [program, *command[1:]],
            cwd=self._image / "srv/svyaz",
            env=self._environment,
            stdout=self._output,
            stderr=self._output,
            **as_user(self._uid),
        )
        self._started.append(process)
        return process

    def ended(self) -> list[object]:
        return [it.args for it in self._started if it.poll() is not None]

    def users(self) -> set[int]:
        running = [it for it in self._started if it.poll() is None]
        return {psutil.Process(it.pid).uids().real for it in running}

    def stop(self) -> None:
        for process in self._started:
            process.terminate()
        for process in self._started:
            process.wait(timeout=30)
        self._output.close()
        sys.stdout.write(self.log())  # pytest shows it if the test fails

    def log(self) -> str:
        return (self._image / "log").read_text()


@contextmanager
def shared_servers() -> Iterator[tuple[Cluster, str]]:
    """A PostgreSQL and a Valkey that every user of this machine can reach."""
    with tempfile.TemporaryDirectory(prefix="v-") as folder, running_cluster() as cluster:
        place = Path(folder)
        place.chmod(0o755)
        with broker.running(place) as redis_url:
            for socket in place.glob("*.sock"):
                socket.chmod(0o777)
            yield cluster, redis_url
