import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.backoff import Backoff
from launcher import supervisor as module
from launcher.processes import Claim
from launcher.supervisor import Background, Console, Program, RestartLimitExceeded, Supervisor

FOREVER = "import time; print('here', flush=True); time.sleep(60)"
DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    " print('here', flush=True); time.sleep(60)"
)


class Recorder:
    """A console that records its lines."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __call__(self, name: str, line: str) -> None:
        self.lines.append((name, line))

    async def hear(self, name: str, part: str, times: int = 1) -> None:
        """Wait until `name` has said `part` so many times."""
        async with asyncio.timeout(10):
            while sum(who == name and part in line for who, line in self.lines) < times:
                await asyncio.sleep(0.01)


@pytest.fixture
def heard() -> Recorder:
    return Recorder()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF", Backoff(first=0.01))


def python(name: str, code: str, tmp_path: Path, **more: Any) -> Program:
    return Program(name, (sys.executable, "-S", "-c", code), tmp_path, **more)


def children() -> list[psutil.Process]:
    """Those that run a program of this page, by their -S; the voices of other tests stay warm."""
    return [child for child in psutil.Process().children(recursive=True) if is_ours(child)]


def is_ours(child: psutil.Process) -> bool:
    try:
        return child.status() != psutil.STATUS_ZOMBIE and "-S" in child.cmdline()
    except psutil.NoSuchProcess:
        return False


async def test_lines_are_labelled_however_long_or_broken(heard: Any, tmp_path: Path) -> None:
    code = (
        "import sys; sys.stdout.buffer.write("
        "'привет\\n'.encode() + b'x' * 200000 + b'\\n' + b'\\xff\\nrest'); input()"
    )

    async with Supervisor(heard) as supervisor:
        await supervisor.start(python("web", code.replace("input()", FOREVER), tmp_path))
        await heard.hear("web", "resthere")

    assert heard.lines == [
        ("web", "привет"),
        ("web", "x" * 200_000),
        ("web", "�"),
        ("web", "resthere"),
    ]


async def test_muted_lines_are_not_shown(heard: Any, tmp_path: Path) -> None:
    code = "print('boring advice'); print('news'); " + FOREVER

    async with Supervisor(heard) as supervisor:
        await supervisor.start(python("valkey", code, tmp_path, mute=("boring",)))
        await heard.hear("valkey", "here")

    assert heard.lines == [("valkey", "news"), ("valkey", "here")]


@pytest.mark.usefixtures("quick")
async def test_a_program_that_dies_is_started_again_and_says_so(heard: Any, tmp_path: Path) -> None:
    async with Supervisor(heard) as supervisor:
        await supervisor.start(python("worker", FOREVER, tmp_path))
        await heard.hear("worker", "here")
        children()[0].kill()
        await heard.hear("worker", "here", times=2)

    assert ("worker", "killed by SIGKILL; restarting in 0.01 s") in heard.lines


async def run(heard: Recorder, *programs: Program) -> None:
    async with Supervisor(heard) as supervisor:
        await supervisor.start(*programs)
        await supervisor.wait()


@pytest.mark.usefixtures("quick")
async def test_a_program_that_keeps_exiting_ends_the_run_with_its_last_output(
    heard: Any, tmp_path: Path
) -> None:
    dying = python("beat", "print('no clock'); raise SystemExit(3)", tmp_path)
    lasting = python("web", FOREVER, tmp_path)

    with pytest.raises(
        RestartLimitExceeded,
        match=r"(?s)beat keeps exiting \(ended with status 3\).*no clock",
    ):
        await run(heard, dying, lasting)

    assert children() == []
    assert heard.lines.count(("beat", "no clock")) == module.MAX_EXITS


async def test_a_program_that_cannot_be_started_ends_the_run(heard: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await run(heard, Program("web", ("/no/such/program",), tmp_path))


async def test_what_was_started_last_is_stopped_first(heard: Any, tmp_path: Path) -> None:
    farewell = (
        "import signal, sys; signal.signal(15, lambda *_: sys.exit(print('bye'))); " + FOREVER
    )

    async with Supervisor(heard) as supervisor:
        await supervisor.start(python("broker", farewell, tmp_path))
        await heard.hear("broker", "here")
        await supervisor.start(python("worker", farewell, tmp_path))
        await heard.hear("worker", "here")

    assert heard.lines[-2:] == [("worker", "bye"), ("broker", "bye")]


async def test_a_start_returns_when_the_program_is_ready(heard: Any, tmp_path: Path) -> None:
    async def ready() -> None:
        await heard.hear("broker", "here")

    async with Supervisor(heard) as supervisor:
        await supervisor.start(python("broker", FOREVER, tmp_path, ready=ready))

        assert heard.lines == [("broker", "here")]


async def test_preparation_comes_before_every_start(heard: Any, tmp_path: Path, quick: Any) -> None:
    prepared: list[int] = []

    async with Supervisor(heard) as supervisor:
        program = python("broker", FOREVER, tmp_path, prepare=lambda: prepared.append(1))
        await supervisor.start(program)
        await heard.hear("broker", "here")
        children()[0].kill()
        await heard.hear("broker", "here", times=2)

    assert prepared == [1, 1]


async def test_programs_deaf_to_term_are_killed(heard: Any, tmp_path: Path) -> None:
    async with Supervisor(heard, grace=0.2) as supervisor:
        await supervisor.start(python("web", DEAF, tmp_path), python("worker", DEAF, tmp_path))
        await heard.hear("web", "here")
        await heard.hear("worker", "here")
        started = time.monotonic()

    assert time.monotonic() - started < 20
    assert children() == []


async def test_a_stopped_program_is_ended_too(heard: Any, tmp_path: Path) -> None:
    async with Supervisor(heard, grace=0.2) as supervisor:
        await supervisor.start(python("valkey", FOREVER, tmp_path))
        await heard.hear("valkey", "here")
        children()[0].suspend()

    assert children() == []


async def test_whatever_a_program_leaves_behind_ends_with_it(heard: Any, tmp_path: Path) -> None:
    code = (
        "import subprocess, sys;"
        f"subprocess.Popen([sys.executable, '-S', '-c', {DEAF!r}]);" + FOREVER
    )

    async with Supervisor(heard) as supervisor:
        await supervisor.start(python("worker", code, tmp_path))
        await heard.hear("worker", "here", times=2)

    assert children() == []


async def test_a_second_wish_to_stop_does_not_wait(heard: Any, tmp_path: Path) -> None:
    async with Supervisor(heard, grace=30) as supervisor:
        supervisor.listen(signal.SIGUSR1)
        await supervisor.start(python("web", DEAF, tmp_path))
        await heard.hear("web", "here")
        asyncio.get_running_loop().call_later(0.1, os.kill, os.getpid(), signal.SIGUSR1)
        asyncio.get_running_loop().call_later(0.3, os.kill, os.getpid(), signal.SIGUSR1)
        await supervisor.wait()

    assert children() == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of such a death")
def test_children_die_with_a_killed_supervisor() -> None:
    code = """
import asyncio, sys
from pathlib import Path
from typing import Any
from launcher.supervisor import Program, Supervisor

async def main():
    async with Supervisor(lambda name, line: print(line, flush=True)) as supervisor:
        code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
        await supervisor.start(Program("web", (sys.executable, "-S", "-c", code), Path.cwd()))
        await supervisor.wait()

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()

    child.wait(timeout=2)


@pytest.fixture
def sleeper() -> Iterator[psutil.Process]:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as process:
        yield psutil.Process(process.pid)
        process.kill()


def test_the_next_claim_ends_what_a_killed_holder_has_left(sleeper: Any, tmp_path: Path) -> None:
    notes = {"started": {"web": [sleeper.pid, sleeper.create_time()]}}
    (tmp_path / "up.lock").write_text(json.dumps(notes))

    assert Claim(tmp_path / "up.lock").take("test")

    assert not sleeper.is_running()


def test_a_claim_spares_processes_that_only_bear_an_old_number(
    sleeper: Any, tmp_path: Path
) -> None:
    notes = {"started": {"web": [sleeper.pid, sleeper.create_time() - 1000]}}
    (tmp_path / "up.lock").write_text(json.dumps(notes))

    assert Claim(tmp_path / "up.lock").take("test")

    assert sleeper.is_running()


def test_a_claim_is_held_by_one_alone(tmp_path: Path) -> None:
    first, second = Claim(tmp_path / "up.lock"), Claim(tmp_path / "up.lock")

    assert first.take("manage.py up")
    assert not second.take("manage.py up")
    assert second.holder() == f"manage.py up (process {os.getpid()})"
    first.release()
    assert second.take("manage.py up")
    second.release()


async def test_a_background_supervisor_ends_with_its_block(heard: Any, tmp_path: Path) -> None:
    with Background(heard) as companions:
        companions.start(python("worker", FOREVER, tmp_path))
        await heard.hear("worker", "here")

    assert children() == []


@pytest.mark.usefixtures("quick")
async def test_a_background_supervisor_tells_of_a_program_that_keeps_dying(
    heard: Any, tmp_path: Path
) -> None:
    with Background(heard) as companions:
        companions.start(python("worker", "raise SystemExit(1)", tmp_path))
        await heard.hear("", "worker keeps exiting")

    assert children() == []


class Terminal:
    def __init__(self, is_one: bool) -> None:
        self.is_one = is_one
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return self.is_one


@pytest.mark.parametrize(
    ("is_terminal", "shown"),
    [(True, "\x1b[32mworker |\x1b[0m ready\n"), (False, "worker | ready\n")],
)
def test_labels_are_coloured_for_people_alone(
    is_terminal: bool, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal(is_terminal)

    Console(terminal, ["web", "worker"])("worker", "ready")

    assert terminal.text == shown


def test_a_closed_terminal_is_no_reason_to_stop() -> None:
    tried = []

    class Closed(Terminal):
        def write(self, text: str) -> None:
            tried.append(text)
            raise BrokenPipeError

    Console(Closed(False), ["web"])("web", "ready")

    assert tried
