"""The owner's side: a few children of one library, kept warm, one utterance each at a time."""

import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tts.errors import Cancelled, EngineFailed
from tts.native.wire import HEADER, Kind, Order

HOME = Path(__file__).resolve().parents[2]
# Seconds: how often a cancellation is looked for, and how long a library may be silent.
GLANCE = 0.05
PATIENCE = 20.0


class Child:
    """One process with one library in it. Not for two threads at once."""

    def __init__(
        self, name: str, places: Mapping[str, str], environment: Mapping[str, str]
    ) -> None:
        command = [sys.executable, "-m", "tts.native.child", name, json.dumps(dict(places))]
        self._process = subprocess.Popen(  # noqa: S603
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=HOME,
            env={**os.environ, **environment},
            start_new_session=True,  # Ctrl-C is for the owner, who closes the pipe
        )
        self._buffer = bytearray()
        self.sample_rate = 0

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """End it at once, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def send(self, order: Order) -> None:
        """Raises `BrokenPipeError` when the child has gone."""
        assert self._process.stdin  # noqa: S101
        self._process.stdin.write(order.line())

    def frames(self, is_cancelled: Callable[[], bool]) -> Iterator[tuple[Kind, bytes]]:
        """Yield what the child sends; raises `Cancelled`, `EngineFailed` if it dies or hangs."""
        while True:
            kind, length = HEADER.unpack(self._take(HEADER.size, is_cancelled))
            yield Kind(kind), self._take(length, is_cancelled)

    def _take(self, count: int, is_cancelled: Callable[[], bool]) -> bytes:
        until = time.monotonic() + PATIENCE
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
        if not select.select([pipe], [], [], GLANCE)[0]:
            return
        data = os.read(pipe, 65536)
        if not data:
            raise EngineFailed("the speech library crashed")
        self._buffer += data


class Pool:
    """Speaks orders in children: as many at once as there are processors, the rest wait.

    A child that was cut off, crashed or hung is ended; the next order gets a new one.
    """

    def __init__(
        self, name: str, places: Mapping[str, str], environment: Mapping[str, str] | None = None
    ) -> None:
        self._making = (name, places, environment or {})
        self._idle: list[Child] = []
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(os.cpu_count() or 1)
        self._owner = os.getpid()
        atexit.register(self.close)

    def speak(self, order: Order, is_cancelled: Callable[[], bool]) -> Iterator[tuple[int, bytes]]:
        """Yield (sample rate, 16-bit mono samples) as the library makes them.

        Raises `Cancelled` within 0.1 s of `is_cancelled` becoming true, and `EngineFailed`.
        """
        while not self._turns.acquire(timeout=GLANCE):
            if is_cancelled():
                raise Cancelled
        try:
            child = self._begin(order, is_cancelled)
            try:
                yield from self._listen(child, is_cancelled)
            except BaseException:
                child.end()
                raise
            self._idle.append(child)
        finally:
            self._turns.release()

    def close(self) -> None:
        """End the children that are not at work."""
        for child in self._take_all():
            child.end()

    def _begin(self, order: Order, is_cancelled: Callable[[], bool]) -> Child:
        """Return a child that has been sent the order; one that retired meanwhile is replaced."""
        while child := self._pop():
            try:
                child.send(order)
            except BrokenPipeError:
                child.end()
            else:
                return child
        return self._hire(order, is_cancelled)

    def _hire(self, order: Order, is_cancelled: Callable[[], bool]) -> Child:
        child = Child(*self._making)
        try:
            kind, data = next(child.frames(is_cancelled))
            if kind is not Kind.READY:
                raise EngineFailed(data.decode(errors="replace"))
            child.sample_rate = int(data)
            child.send(order)
        except BrokenPipeError:
            child.end()
            raise EngineFailed("the speech library crashed") from None
        except BaseException:
            child.end()
            raise
        return child

    def _pop(self) -> Child | None:
        """Take an idle child that lives. After a fork those of the parent are left to it."""
        with self._lock:
            if self._owner != os.getpid():
                self._idle, self._owner = [], os.getpid()
            while self._idle:
                child = self._idle.pop()
                if child.is_alive():
                    return child
                child.end()
        return None

    def _take_all(self) -> list[Child]:
        with self._lock:
            idle, self._idle = self._idle, []
        return idle

    @staticmethod
    def _listen(child: Child, is_cancelled: Callable[[], bool]) -> Iterator[tuple[int, bytes]]:
        for kind, data in child.frames(is_cancelled):
            if kind is Kind.END:
                return
            if kind is Kind.FAILURE:
                raise EngineFailed(data.decode(errors="replace"))
            yield child.sample_rate, data
