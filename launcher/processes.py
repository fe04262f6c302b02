"""What keeps processes from outliving their run, and runs from getting in each other's way."""

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import psutil

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with(parent: int) -> None:
    """Make the kernel kill this process when `parent`, which started it, ends in whatever way.

    Only Linux can; elsewhere the next run ends what is left over (see `Claim`). The promise is
    bound to the thread that forked, so that thread has to live as long as its children.
    """
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def end_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process and to everything it has started in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


class Claim:
    """A file that one living process holds, noting which processes it has started.

    The lock is the kernel's: a killed holder leaves none behind. Its notes stay, and whoever takes
    the claim next ends the processes that they name. Notes carry the time when a process was
    started, since the system uses its numbers again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None
        self._notes: dict[str, Any] = {"started": {}}

    def take(self, who: str) -> bool:
        """Hold the file as `who`; False when another living process does."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        self._end_leftovers()
        self._notes = {"who": who, "pid": os.getpid(), "started": {}}
        self._write()
        return True

    def is_held(self) -> bool:
        """Tell whether a living process holds the file."""
        if not self.path.exists():
            return False
        with self.path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def note(self, name: str, pid: int) -> None:
        """Remember that the process `name` now has this number."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._notes["started"][name] = [pid, psutil.Process(pid).create_time()]
            self._write()

    def holder(self) -> str:
        """Say who holds the file: "up (process 4711)"."""
        notes = self._read()
        return f"{notes.get('who', 'another run')} (process {notes.get('pid', 'unknown')})"

    def release(self) -> None:
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None

    def _end_leftovers(self) -> None:
        leftovers = []
        for pid, started_at in self._read().get("started", {}).values():
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                # A corrected clock may shift the times by which the system counts.
                if abs(process.create_time() - started_at) < 2:
                    end_group(pid, signal.SIGKILL)
                    leftovers.append(process)
        psutil.wait_procs(leftovers, timeout=5)

    def _read(self) -> dict[str, Any]:
        try:
            notes = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            return {}
        return notes if isinstance(notes, dict) else {}

    def _write(self) -> None:
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, json.dumps(self._notes).encode(), 0)


def port_is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: connections that linger after the last run do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def port_holder(port: int) -> str:
    """Say who listens on `port`, as far as the system tells: "python3.11 (process 4711)"."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            for connection in process.net_connections("inet"):
                if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                    return f"{process.name()} (process {process.pid})"
    return "another program"
