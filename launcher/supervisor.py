"""A process supervisor: runs programs, shows their output, restarts and stops them."""

import asyncio
import codecs
import contextlib
import functools
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from core.backoff import Backoff
from launcher.processes import Claim, end_group, end_with

STOP_TIMEOUT = 8.0  # seconds between SIGTERM and SIGKILL
MAX_EXITS, EXIT_WINDOW = 5, 60.0  # exits in so many seconds
BACKOFF = Backoff(first=0.5, cap=8.0)
LAST_LINES = 20
COLOURS = (36, 32, 35, 33, 34, 31)


class Stopped(Exception):
    """The supervisor was asked to stop."""


class RestartLimitExceeded(Exception):
    """A program exits again and again. The message ends with its last lines of output."""


@dataclass(frozen=True)
class Program:
    """A program to run and restart.

    `prepare` runs before each start; `ready` returns when the program is ready. Lines that contain
    one of `mute` are not shown.
    """

    name: str
    command: Sequence[str]
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] | None = None
    ready: Callable[[], Awaitable[None]] | None = None
    claim: Claim | None = None
    mute: tuple[str, ...] = ()


class Supervisor:
    """Runs programs until its block ends, and stops them in reverse order.

    async with Supervisor(say) as supervisor:
        await supervisor.start(broker)
        await supervisor.start(web, worker)
        await supervisor.wait()
    """

    def __init__(self, say: Callable[[str, str], None], grace: float = STOP_TIMEOUT) -> None:
        self._say = say
        self._grace = grace
        self._layers: list[tuple[asyncio.Event, list[asyncio.Task[None]]]] = []

    async def __aenter__(self) -> Self:
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._hurry = asyncio.Event()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._finish(Stopped())
        self._end.exception()
        self._deadline = time.monotonic() + self._grace
        for stop, tasks in reversed(self._layers):
            stop.set()
            await asyncio.gather(*tasks)
        return kind is Stopped

    def listen(self, *signals: signal.Signals) -> None:
        """Stop on these signals."""
        for number in signals:
            asyncio.get_running_loop().add_signal_handler(number, self.stop)

    def stop(self) -> None:
        """End the block. A second call kills the programs without waiting."""
        if self._end.done():
            self._hurry.set()
        self._finish(Stopped())

    async def start(self, *programs: Program) -> None:
        """Start programs together and wait until all of them are ready."""
        stop = asyncio.Event()
        tasks = [asyncio.create_task(self._supervise(program, stop)) for program in programs]
        self._layers.append((stop, tasks))
        for program in programs:
            if program.ready:
                await self.until(program.ready())

    async def until(self, something: Awaitable[object]) -> None:
        """Wait for `something`. Raises Stopped or RestartLimitExceeded if the run ends first."""
        waiting = asyncio.ensure_future(something)
        await _first(waiting, asyncio.shield(self._end))
        (self._end if self._end.done() else waiting).result()

    async def wait(self) -> None:
        """Wait for the end of the run. Raises Stopped or RestartLimitExceeded."""
        await asyncio.shield(self._end)

    def _finish(self, reason: Exception) -> None:
        if not self._end.done():
            self._end.set_exception(reason)

    async def _supervise(self, program: Program, stop: asyncio.Event) -> None:
        exits: deque[float] = deque()
        try:
            while not stop.is_set():
                *lines, end = await self._run(program, stop)
                if stop.is_set():
                    return
                pause = _pause_after(exits)
                if len(exits) >= MAX_EXITS:
                    output = "\n  ".join(lines) or "(no output)"
                    raise RestartLimitExceeded(
                        f"{program.name} keeps exiting ({end}). Its last output:\n  {output}"
                    )
                self._say(program.name, f"{end}; restarting in {pause:g} s")
                await _first(stop.wait(), timeout=pause)
        except Exception as error:
            self._finish(error)  # raised by wait() and until()

    async def _run(self, program: Program, stop: asyncio.Event) -> list[str]:
        """Run the program until it exits or `stop` is set. Return its last lines and status."""
        if program.prepare:
            await asyncio.to_thread(program.prepare)
        process, output, pipe = await _spawn(program)
        last_lines: deque[str] = deque(maxlen=LAST_LINES)
        relay = asyncio.create_task(self._relay(program, output, last_lines))
        try:
            await _first(process.wait(), stop.wait())
            if process.returncode is None:
                end_group(process.pid, signal.SIGTERM)
                left = self._deadline - time.monotonic()
                await _first(process.wait(), self._hurry.wait(), timeout=max(left, 1))
        finally:
            # Also kills children that the program has left behind.
            end_group(process.pid, signal.SIGKILL)
            await process.wait()
            await _first(relay, timeout=1)
            pipe.close()
        return [*last_lines, _describe_exit(process)]

    async def _relay(
        self, program: Program, output: asyncio.StreamReader, last_lines: deque[str]
    ) -> None:
        """Show the output line by line, however long or badly encoded the lines are."""
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        rest = ""
        while chunk := await output.read(65536):
            *lines, rest = (rest + decode(chunk)).split("\n")
            for line in lines:
                self._show(program, line, last_lines)
        if rest:
            self._show(program, rest, last_lines)

    def _show(self, program: Program, line: str, last_lines: deque[str]) -> None:
        if any(noise in line for noise in program.mute):
            return
        last_lines.append(line)
        self._say(program.name, line)


async def _spawn(
    program: Program,
) -> tuple[asyncio.subprocess.Process, asyncio.StreamReader, asyncio.ReadTransport]:
    """Start the program. Return the process, its output, and the pipe of the output.

    With asyncio's own pipe, a process would count as running for as long as any of its children has
    the pipe open.
    """
    output = asyncio.StreamReader()
    outlet, inlet = os.pipe()
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(output), os.fdopen(outlet, "rb")
    )
    try:
        process = await asyncio.create_subprocess_exec(
            *program.command,
            cwd=program.cwd,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **program.env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=inlet,
            stderr=inlet,
            start_new_session=True,  # Ctrl-C only reaches the supervisor
            preexec_fn=functools.partial(end_with, os.getpid()),
        )
    except OSError:
        pipe.close()
        raise
    finally:
        os.close(inlet)
    if program.claim:
        program.claim.note(program.name, process.pid)
    return process, output, pipe


def _pause_after(exits: deque[float]) -> float:
    """Count an exit. Return the delay in seconds before the restart."""
    now = time.monotonic()
    exits.append(now)
    while now - exits[0] > EXIT_WINDOW:
        exits.popleft()
    return BACKOFF.delay(len(exits))


def _describe_exit(process: asyncio.subprocess.Process) -> str:
    status = process.returncode or 0
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"


async def _first(*awaitables: Awaitable[object], timeout: float | None = None) -> None:
    """Wait for the first of these, at most `timeout` seconds, and cancel the others."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    pending = [task for task in tasks if task.cancel()]
    await asyncio.gather(*pending, return_exceptions=True)


class Terminal(Protocol):
    """The stream of a console: sys.stdout, or self.stdout of a command."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> None: ...
    def isatty(self) -> bool: ...


class Console:
    """Writes lines labelled by program; in colour only on a terminal."""

    def __init__(self, stream: Terminal, names: Sequence[str]) -> None:
        self._stream = stream
        self._names = list(names)
        self._width = max(map(len, names))
        self._coloured = stream.isatty() and "NO_COLOR" not in os.environ

    def __call__(self, name: str, line: str) -> None:
        label = f"{name:{self._width}} |"
        if self._coloured and name in self._names:
            colour = COLOURS[self._names.index(name) % len(COLOURS)]
            label = f"\x1b[{colour}m{label}\x1b[0m"
        # A closed terminal must not prevent the programs from being stopped.
        with contextlib.suppress(OSError):
            self._stream.write(f"{label} {line}\n")
            self._stream.flush()


class Background:
    """A supervisor that runs in its own thread."""

    def __init__(self, say: Callable[[str, str], None], grace: float = STOP_TIMEOUT) -> None:
        self._say = say
        self._supervisor = Supervisor(say, grace)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(RuntimeError):  # the restart limit has already ended the loop
            self._loop.call_soon_threadsafe(self._supervisor.stop)
        self._thread.join()

    def start(self, *programs: Program) -> None:
        asyncio.run_coroutine_threadsafe(self._supervisor.start(*programs), self._loop).result()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._run_until_stopped())

    async def _run_until_stopped(self) -> None:
        try:
            async with self._supervisor:
                await self._supervisor.wait()
        except RestartLimitExceeded as error:
            self._say("", str(error))
