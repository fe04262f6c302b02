"""Makes .venv/ and installs packages, when needed: `python bootstrap.py requirements.txt`.

An old Python must get far enough to be told that it is old, so nothing here is newer than 3.6.
"""

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 11)
if sys.version_info < OLDEST:
    sys.exit(
        f"Svyaz needs Python 3.11 or newer, and this is {sys.version.split()[0]}."
        " Name a newer one: PYTHON=/path/to/python3.12 make run"
    )

HOME = Path(__file__).resolve().parent
VENV = HOME / ".venv"
PYTHON = VENV / "bin" / "python"
VAR = HOME / "var"
LOG = VAR / "log" / "pip.log"
NEEDED_MEGABYTES = 700


def main(requirements: Path) -> None:
    """Make everything in `requirements` importable in .venv/, doing nothing if it already is."""
    (VAR / "run").mkdir(parents=True, exist_ok=True)
    with (VAR / "run" / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = VENV / f"{requirements.stem}.installed"
        wanted = fingerprint(requirements)
        if is_this_python() and stamp.exists() and stamp.read_text() == wanted:
            return
        refuse_a_full_disk()
        if not is_this_python() or not has_pip():
            make_venv()
        install(requirements)
        stamp.write_text(wanted)


def fingerprint(requirements: Path) -> str:
    """Return what changes whenever these requirements, or others that they include, do."""
    text = requirements.read_text()
    for included in re.findall(r"^-r\s+(\S+)", text, re.MULTILINE):
        text += fingerprint(requirements.parent / included)
    return hashlib.sha256(text.encode()).hexdigest()


def is_this_python() -> bool:
    """Tell whether .venv/ is there and of the version that runs this."""
    try:
        config = (VENV / "pyvenv.cfg").read_text()
    except OSError:
        return False
    major, minor = sys.version_info[:2]
    return (
        PYTHON.exists()
        and re.search(rf"^version\w* = {major}\.{minor}\b", config, re.M) is not None
    )


def has_pip() -> bool:
    tried = subprocess.run([PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL)  # noqa: S603
    return tried.returncode == 0


def refuse_a_full_disk() -> None:
    free = shutil.disk_usage(HOME).free // 2**20
    if free < NEEDED_MEGABYTES:
        sys.exit(
            f"Not enough disk: the packages need {NEEDED_MEGABYTES} MB, {HOME} has {free} MB free."
        )


def make_venv() -> None:
    missing = [name for name in ("venv", "ensurepip") if not importlib.util.find_spec(name)]
    if missing:
        major, minor = sys.version_info[:2]
        sys.exit(
            f"{sys.executable} lacks the module {missing[0]}."
            f" On Debian and Ubuntu: sudo apt install python{major}.{minor}-venv"
        )
    say("Making .venv/\n")
    # Not the interpreter in .venv/ itself, which this is going to replace.
    base = getattr(sys, "_base_executable", sys.executable)
    made = subprocess.run(  # noqa: S603
        [base, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False
    )
    if made.returncode:
        last = (made.stderr + made.stdout).strip().splitlines()[-1:]
        sys.exit(f"Making .venv/ failed: {''.join(last)}")


def install(requirements: Path) -> None:
    """Run pip, showing how far it is; what it says is kept in var/log/pip.log."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    places = {
        "PYTHONUNBUFFERED": "1",
        "PYTHONPYCACHEPREFIX": str(VAR / "cache" / "pycache"),
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(VAR / "cache" / "pip")),
    }
    pip_install = [str(PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command = [*pip_install, "--requirement", str(requirements)]
    with LOG.open("w") as log:
        pip = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **places})  # noqa: S603
        watch(pip)
    if pip.returncode:
        sys.exit(f"{complaint()}\nInstalling the packages failed; the whole story is in {LOG}.")


def watch(pip: "subprocess.Popen[bytes]") -> None:
    started, shown = time.monotonic(), ""
    before = len(installed())
    while pip.poll() is None:
        time.sleep(0.2 if sys.stdout.isatty() else 2)
        progress = how_far(before)
        if progress != shown:
            say(f"\r\033[K{progress}" if sys.stdout.isatty() else f"{progress}\n")
        shown = progress
    end = "\r\033[K" if sys.stdout.isatty() else ""
    if not pip.returncode:
        say(f"{end}Installed the packages in {time.monotonic() - started:.0f} s\n")


def how_far(before: int) -> str:
    log = LOG.read_text(errors="replace")
    found = re.search(r"^Installing collected packages: (.*)", log, re.MULTILINE)
    if not found:
        return f"Fetching packages: {len(re.findall('^Collecting ', log, re.MULTILINE))}"
    total = found[1].count(",") + 1
    return f"Installing packages: {min(len(installed()) - before, total)} of {total}"


def installed() -> "list[Path]":
    return list(VENV.glob("lib/python*/site-packages/*.dist-info"))


def complaint() -> str:
    """Return the end of what pip said, its errors if it named any."""
    lines = LOG.read_text(errors="replace").splitlines()
    if any("No space left on device" in line for line in lines):
        return "Not enough disk: No space left on device."
    errors = [line for line in lines if line.startswith("ERROR:")]
    return "\n".join((errors or lines)[-5:])


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(HOME / sys.argv[1])
    except KeyboardInterrupt:
        sys.exit("\nStopped. The next run goes on from here.")
