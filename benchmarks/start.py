"""How long `make run` takes to start for the second time, and the memory of all that it runs.

    .venv/bin/python -m benchmarks.start

Starts in a directory of its own. The peer in the same run is `manage.py check`. Prints the resident
memory of each process when it has been idle for ten seconds.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from core.tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
MANAGE = [sys.executable, str(ROOT / "manage.py")]
MAX_RATIO, MAX_MEMORY = 2.0, 400  # MiB
ROUNDS = 3
IDLE = 10.0


def main() -> None:
    with tempfile.TemporaryDirectory() as var:
        environment = {**os.environ, "VAR_DIR": var, "PORT": str(free_port())}
        environment.setdefault("RHVOICE_DIR", str(ROOT / "var/rhvoice"))
        start(environment)
        checks: list[float] = []
        starts: list[float] = []
        memory: dict[str, int] = {}
        for _ in range(ROUNDS):
            checks.append(check(environment))
            seconds, memory = start(environment)
            starts.append(seconds)
    ratio = statistics.median(starts) / statistics.median(checks)
    print(f"manage.py check: {statistics.median(checks):.2f} s")
    print(
        f"second start:    {statistics.median(starts):.2f} s, {ratio:.2f} of it (limit {MAX_RATIO})"
    )
    for name, mebibytes in memory.items():
        print(f"{name:40} {mebibytes:4} MiB")
    print(f"{'all of it':40} {sum(memory.values()):4} MiB (limit {MAX_MEMORY})")


def check(environment: dict[str, str]) -> float:
    started = time.monotonic()
    subprocess.run([*MANAGE, "check"], env=environment, capture_output=True, check=True)
    return time.monotonic() - started


def start(environment: dict[str, str]) -> tuple[float, dict[str, int]]:
    """Return the seconds until the addresses are shown, and the memory of each idle process."""
    started = time.monotonic()
    with subprocess.Popen(
        [*MANAGE, "up"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        wait_for_line(process, "Ctrl-C")
        seconds = time.monotonic() - started
        wait_for_line(process, "Voice")
        time.sleep(IDLE)
        memory = memory_of(psutil.Process(process.pid))
        process.terminate()
        process.communicate()
    return seconds, memory


def wait_for_line(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdout
    if not any(text in line for line in process.stdout):
        sys.exit(f"“{text}” was not printed.")


def memory_of(root: psutil.Process) -> dict[str, int]:
    found = {}
    for process in [root, *root.children(recursive=True)]:
        arguments = " ".join(process.cmdline()[1:4]).removeprefix(f"{ROOT}/").strip()
        found[f"{(arguments or process.name())[:28]} ({process.pid})"] = (
            process.memory_info().rss >> 20
        )
    return found


if __name__ == "__main__":
    main()
