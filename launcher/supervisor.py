"""Runs programs side by side: output in one place, started again when they die, ended together."""

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

from project.processes import Claim, end_group, end_with

GRACE = 8.0  # seconds between TERM and KILL
MOST_DEATHS, WITHIN = 5, 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
LAST_WORDS = 20  # lines
COLOURS = (36, 32, 35, 33, 34, 31)


class Stopped(Exception):
    """The run was asked to stop."""


class KeepsDying(Exception):
    """A program died too often to go on; the message ends with its last words."""


@dataclass(frozen=True)
class Program:
    """Something to keep running.

    `prepare` runs before every start, also the first; `ready` returns once the program is of use.
    Lines that contain one of `mute` are not shown.
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
    """Keeps programs running until its block ends; what was started last is stopped first.

    async with Supervisor(say) as house:
        await house.start(broker)
        await house.start(web, worker)
        await house.wait()
    """

    def __init__(self, say: Callable[[str, str], None], grace: float = GRACE) -> None:
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
        for stop, keepers in reversed(self._layers):
            stop.set()
            await asyncio.gather(*keepers)
        return kind is Stopped

    def listen(self, *signals: signal.Signals) -> None:
        """Take these signals as the wish to stop."""
        for number in signals:
            asyncio.get_running_loop().add_signal_handler(number, self.stop)

    def stop(self) -> None:
        """End the block; asked a second time, end the programs without waiting for them."""
        if self._end.done():
            self._hurry.set()
        self._finish(Stopped())

    async def start(self, *programs: Program) -> None:
        """Start programs together and wait until all of them are ready."""
        stop = asyncio.Event()
        keepers = [asyncio.create_task(self._keep(program, stop)) for program in programs]
        self._layers.append((stop, keepers))
        for program in programs:
            if program.ready:
                await self.until(program.ready())

    async def until(self, something: Awaitable[object]) -> None:
        """Wait for `something`; raise Stopped or KeepsDying when the run ends before it."""
        waiting = asyncio.ensure_future(something)
        await _first(waiting, asyncio.shield(self._end))
        (self._end if self._end.done() else waiting).result()

    async def wait(self) -> None:
        """Raise Stopped when asked to stop, KeepsDying when a program is past help."""
        await asyncio.shield(self._end)

    def _finish(self, reason: Exception) -> None:
        if not self._end.done():
            self._end.set_exception(reason)

    async def _keep(self, program: Program, stop: asyncio.Event) -> None:
        deaths: deque[float] = deque()
        try:
            while not stop.is_set():
                *words, end = await self._run(program, stop)
                if stop.is_set():
                    return
                pause = _pause_after(deaths)
                if len(deaths) >= MOST_DEATHS:
                    told = "\n  ".join(words) or "(it said nothing)"
                    raise KeepsDying(
                        f"{program.name} keeps dying ({end}). Its last words:\n  {told}"
                    )
                self._say(program.name, f"{end}; starting it again in {pause:g} s")
                await _first(stop.wait(), timeout=pause)
        except Exception as error:
            self._finish(error)  # it is raised by whoever waits

    async def _run(self, program: Program, stop: asyncio.Event) -> list[str]:
        """Run the program to its end or until `stop`; return its last words and how it ended."""
        if program.prepare:
            await asyncio.to_thread(program.prepare)
        process, output, pipe = await _spawn(program)
        words: deque[str] = deque(maxlen=LAST_WORDS)
        relay = asyncio.create_task(self._relay(program, output, words))
        try:
            await _first(process.wait(), stop.wait())
            if process.returncode is None:
                end_group(process.pid, signal.SIGTERM)
                left = self._deadline - time.monotonic()
                await _first(process.wait(), self._hurry.wait(), timeout=max(left, 1))
        finally:
            # Ends also what the program itself may have left behind.
            end_group(process.pid, signal.SIGKILL)
            await process.wait()
            await _first(relay, timeout=1)
            pipe.close()
        return [*words, _how_it_ended(process)]

    async def _relay(
        self, program: Program, output: asyncio.StreamReader, words: deque[str]
    ) -> None:
        """Pass on what the program says, line by line, however long or badly encoded."""
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        rest = ""
        while chunk := await output.read(65536):
            *lines, rest = (rest + decode(chunk)).split("\n")
            for line in lines:
                self._tell(program, line, words)
        if rest:
            self._tell(program, rest, words)

    def _tell(self, program: Program, line: str, words: deque[str]) -> None:
        if any(noise in line for noise in program.mute):
            return
        words.append(line)
        self._say(program.name, line)


async def _spawn(
    program: Program,
) -> tuple[asyncio.subprocess.Process, asyncio.StreamReader, asyncio.ReadTransport]:
    """Start the program; return it, what it says, and the pipe by which that comes.

    The pipe is not asyncio's own, with which a process would count as running for as long as
    anything that it has started holds the pipe open.
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
            start_new_session=True,  # Ctrl-C is for the supervisor, which stops them in order
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


def _pause_after(deaths: deque[float]) -> float:
    """Count a death; return how long to wait before the next start."""
    now = time.monotonic()
    deaths.append(now)
    while now - deaths[0] > WITHIN:
        deaths.popleft()
    return min(FIRST_PAUSE * 2.0 ** (len(deaths) - 1), LONGEST_PAUSE)


def _how_it_ended(process: asyncio.subprocess.Process) -> str:
    status = process.returncode or 0
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"


async def _first(*awaitables: Awaitable[object], timeout: float | None = None) -> None:
    """Wait for the first of these, at most `timeout` seconds, and give up the others."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    pending = [task for task in tasks if task.cancel()]
    await asyncio.gather(*pending, return_exceptions=True)


class Terminal(Protocol):
    """What a console needs of a stream: of sys.stdout, or of a command's self.stdout."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> None: ...
    def isatty(self) -> bool: ...


class Console:
    """Shows lines labelled by program; in colour only to a person at a terminal."""

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
        # A terminal that was closed must not keep the programs from being stopped.
        with contextlib.suppress(OSError):
            self._stream.write(f"{label} {line}\n")
            self._stream.flush()


class Background:
    """A supervisor in a thread of its own, for a process whose main thread has other work."""

    def __init__(self, say: Callable[[str, str], None], grace: float = GRACE) -> None:
        self._say = say
        self._house = Supervisor(say, grace)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(
            RuntimeError
        ):  # when a program that keeps dying has ended the loop
            self._loop.call_soon_threadsafe(self._house.stop)
        self._thread.join()

    def start(self, *programs: Program) -> None:
        asyncio.run_coroutine_threadsafe(self._house.start(*programs), self._loop).result()

    def _live(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._until_the_end())

    async def _until_the_end(self) -> None:
        try:
            async with self._house:
                await self._house.wait()
        except KeepsDying as error:
            self._say("", str(error))
