"""Claims on a run, and ending processes with the run that has started them."""

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
    """Make the kernel kill this process when `parent`, which started it, ends.

    Linux only; elsewhere the next run ends the leftovers (see `Claim`). The kernel watches the
    thread that has forked, so that thread must live as long as its children.
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
    """A file locked by one running process, with a list of the processes it has started.

    The kernel releases the lock of a killed holder. The list stays, and the next holder ends the
    processes in it. Start times are stored too, because process ids are reused.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None
        self._notes: dict[str, Any] = {"started": {}}

    def take(self, who: str) -> bool:
        """Lock the file as `who`. Return False if another running process holds it."""
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
        """Return whether a running process holds the file."""
        if not self.path.exists():
            return False
        with self.path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def note(self, name: str, pid: int) -> None:
        """Record the process id of the program `name`."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._notes["started"][name] = [pid, psutil.Process(pid).create_time()]
            self._write()

    def holder(self) -> str:
        """Return a description of the holder: "up (process 4711)"."""
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
                # A clock adjustment may shift the start times.
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
        # As servers do: lingering connections of the last run do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def port_holder(port: int) -> str:
    """Return a description of the process that listens on `port`: "python3.11 (process 4711)"."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            for connection in process.net_connections("inet"):
                if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                    return f"{process.name()} (process {process.pid})"
    return "another program"
