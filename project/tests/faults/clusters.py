"""A PostgreSQL of a test's own, which it may stop, freeze and starve of connections."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from core.tests.ports import free_port
from project.tests.conftest import wait_for

FASTER = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=40")


def binaries() -> Path:
    """Return the directory of PostgreSQL's programs; without one the test is skipped."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    if initdb := shutil.which("initdb"):
        return Path(initdb).parent
    if os.environ.get("CI") == "true":
        pytest.fail("in CI the server of PostgreSQL must be installed")
    pytest.skip("there is no PostgreSQL on this machine")


@dataclass
class Cluster:
    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://svyaz@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        listen = ("-p", str(self.port), "-k", str(self.data), "-h", "127.0.0.1")
        self.process = subprocess.Popen(
            [binaries() / "postgres", "-D", self.data, *listen, *FASTER],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **unprivileged(),
        )
        wait_for(self._answers, every=0.05)

    def stop(self) -> None:
        """Disconnect everybody and end the server."""
        assert self.process
        self.thaw()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=20)

    def freeze(self) -> None:
        """Stop every process of the server, so that it takes connections and answers nothing."""
        for process in self._processes():
            process.suspend()

    def thaw(self) -> None:
        for process in self._processes():
            process.resume()

    def restore(self) -> None:
        """Make the server run as at first, whatever a test has done to it."""
        assert self.process
        if self.process.poll() is None:
            self.thaw()
        else:
            self.start()

    def as_superuser(self, *statements: str) -> None:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def _answers(self) -> bool:
        try:
            self.as_superuser("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _processes(self) -> list[psutil.Process]:
        assert self.process
        postmaster = psutil.Process(self.process.pid)
        return [postmaster, *postmaster.children(recursive=True)]


def unprivileged() -> dict[str, Any]:
    """Return options to run a child process as an unprivileged user, as PostgreSQL requires."""
    if os.getuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Run a new cluster for the block; its role svyaz is no superuser."""
    with tempfile.TemporaryDirectory(prefix="cluster-") as folder:
        if not os.getuid():
            os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
        data = Path(folder) / "data"
        subprocess.run(
            [binaries() / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"],
            check=True,
            capture_output=True,
            **unprivileged(),
        )
        cluster = Cluster(data, free_port())
        cluster.start()
        try:
            cluster.as_superuser(
                "CREATE ROLE svyaz LOGIN", "GRANT CREATE ON SCHEMA public TO svyaz"
            )
            yield cluster
        finally:
            if cluster.process and cluster.process.poll() is None:
                cluster.thaw()
                cluster.process.send_signal(signal.SIGQUIT)
                cluster.process.wait(timeout=20)
