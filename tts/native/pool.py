"""The parent's side: a pool of child processes, each with one speech library loaded."""

import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Self

from tts.errors import Cancelled, EngineFailed
from tts.native.wire import HEADER, Kind, Request

HOME = Path(__file__).resolve().parents[2]
# Seconds between two checks for cancellation, and without output of the library.
CANCELLATION_INTERVAL = 0.05
OUTPUT_TIMEOUT = 20.0

IsCancelled = Callable[[], bool]
Frame = tuple[Kind, bytes]


class Crashed(EngineFailed):
    """The library's process has ended unexpectedly."""

    def __init__(self) -> None:
        super().__init__("the speech library crashed")


class Child:
    """One process with one library loaded. Not thread-safe; ended after any exception."""

    def __init__(self, name: str, places: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "tts.native.child", name, json.dumps(dict(places))],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=HOME,
            start_new_session=True,  # Ctrl-C reaches only the parent, which closes the pipe
        )
        self._buffer = bytearray()
        self.sample_rate = 0

    def end(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def wait_until_ready(self, is_cancelled: IsCancelled) -> Self:
        """Wait until the library is loaded; raises `EngineFailed`, `Cancelled`."""
        if self.sample_rate:
            return self
        kind, data = next(self._frames(is_cancelled))
        if kind is Kind.FAILURE:
            self.end()
            raise EngineFailed(data.decode(errors="replace"))
        self.sample_rate = int(data)
        return self

    def begin(self, request: Request, is_cancelled: IsCancelled) -> Iterator[Frame]:
        """Send a request, wait for the first frame of the response, and return all frames.

        Raises `Crashed`, `EngineFailed`, `Cancelled`, now and from the iterator.
        """
        try:
            assert self._process.stdin  # noqa: S101
            self._process.stdin.write(request.line())
        except BrokenPipeError:
            self.end()
            raise Crashed from None
        frames = self._frames(is_cancelled)
        return chain([next(frames)], frames)

    def _frames(self, is_cancelled: IsCancelled) -> Iterator[Frame]:
        try:
            while True:
                kind, length = HEADER.unpack(self._take(HEADER.size, is_cancelled))
                yield Kind(kind), self._take(length, is_cancelled)
        except (EngineFailed, Cancelled):
            self.end()
            raise

    def _take(self, count: int, is_cancelled: IsCancelled) -> bytes:
        until = time.monotonic() + OUTPUT_TIMEOUT
        while len(self._buffer) < count:
            if is_cancelled():
                raise Cancelled
            if time.monotonic() > until:
                raise EngineFailed("the speech library hangs")
            self._read()
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _read(self) -> None:
        assert self._process.stdout  # noqa: S101
        pipe = self._process.stdout.fileno()
        if not select.select([pipe], [], [], CANCELLATION_INTERVAL)[0]:
            return
        data = os.read(pipe, 65536)
        if not data:
            raise Crashed
        self._buffer += data


class Pool:
    """Speaks requests in child processes, at most one per processor; further requests wait.

    A child that crashes or hangs, or whose request is cancelled, is killed. After a cancellation
    another child is started at once, so that its library is loaded before the next request.
    """

    def __init__(self, name: str, places: Mapping[str, str]) -> None:
        self._name, self._places = name, places
        self._idle: list[Child] = []
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(os.cpu_count() or 1)
        self._owner_pid = os.getpid()
        atexit.register(self.close)

    def speak(self, request: Request, is_cancelled: IsCancelled) -> Iterator[tuple[int, bytes]]:
        """Yield (sample rate, 16-bit mono samples) as the library makes them.

        Raises `Cancelled` within 0.1 s of `is_cancelled` becoming true, and `EngineFailed`.
        """
        while not self._turns.acquire(timeout=CANCELLATION_INTERVAL):
            if is_cancelled():
                raise Cancelled
        try:
            yield from self._speak(request, is_cancelled)
        finally:
            self._turns.release()

    def warm(self) -> None:
        """Start a child for the next request unless one is idle; does not wait for it."""
        child = self._pop() or Child(self._name, self._places)
        self._idle.append(child)

    def close(self) -> None:
        """Kill the idle children."""
        while child := self._pop():
            child.end()

    def _speak(self, request: Request, is_cancelled: IsCancelled) -> Iterator[tuple[int, bytes]]:
        child, frames = self._begin(request, is_cancelled)
        try:
            for kind, data in frames:
                if kind is Kind.END:
                    break
                if kind is Kind.FAILURE:
                    raise EngineFailed(data.decode(errors="replace"))
                yield child.sample_rate, data
        except BaseException as error:
            child.end()
            if isinstance(error, GeneratorExit | Cancelled):
                self.warm()
            raise
        self._idle.append(child)

    def _begin(self, request: Request, is_cancelled: IsCancelled) -> tuple[Child, Iterator[Frame]]:
        """Give the request to an idle child that is still alive, or to a new one."""
        while child := self._pop():
            with suppress(Crashed):
                return child, child.wait_until_ready(is_cancelled).begin(request, is_cancelled)
        child = Child(self._name, self._places).wait_until_ready(is_cancelled)
        return child, child.begin(request, is_cancelled)

    def _pop(self) -> Child | None:
        """Take an idle child. After a fork, the children of the original process are left to it."""
        with self._lock:
            if self._owner_pid != os.getpid():
                self._idle, self._owner_pid = [], os.getpid()
            return self._idle.pop() if self._idle else None
