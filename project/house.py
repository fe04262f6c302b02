"""What the project runs as: the programs, what their database needs first, where to knock."""

import asyncio
import io
import signal
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import Resolver404, resolve

from project.processes import Claim, end_group
from project.supervisor import Program
from tts.engines import choose

PLACES = {
    "Page": "/",
    "Sandbox": "/sandbox/",
    "Admin": "/admin/",
    "API": "/docs",
}


def web(host: str, port: int, claim: Claim) -> Program:
    options = {
        "host": host,
        "port": str(port),
        "ws": "realtime.direct:DirectProtocol",
        "ws-per-message-deflate": "false",
        # Frames far over the register's own limit are not even read.
        "ws-max-size": str(1024 * 1024),
        "ws-ping-interval": "20",
        "ws-ping-timeout": "20",
        "timeout-graceful-shutdown": "5",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    # Requests are logged by the project itself, with their ids and without query strings.
    return _program(
        "web", claim, "uvicorn", "project.asgi:application", "--no-access-log", *arguments
    )


def worker(claim: Claim) -> Program:
    # One worker has no others to meet, and meeting takes a second at every start.
    alone = ("--without-mingle", "--without-gossip")
    return _celery("worker", claim, *alone)


def beat(claim: Claim) -> Program:
    return _celery("beat", claim)


def _celery(name: str, claim: Claim, *options: str) -> Program:
    return _program(name, claim, "celery", "--app", "project", "--quiet", name, *options)


def _program(name: str, claim: Claim, module: str, *arguments: str) -> Program:
    return Program(
        name=name,
        command=(sys.executable, "-m", module, *arguments),
        cwd=settings.BASE_DIR,
        claim=claim,
    )


def is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def is_empty() -> bool:
    """Tell whether the database has never been migrated."""
    return not MigrationExecutor(connection).loader.applied_migrations


def migrate() -> None:
    """Bring the tables up to date; for a thread of its own."""
    try:
        if not is_migrated():
            call_command("migrate", verbosity=0)
    finally:
        connection.close()


def seed() -> None:
    """Put in what is missing of the demo, if this is no production; for a thread of its own."""
    try:
        if settings.DEBUG and settings.SANDBOX:
            call_command("seed_demo", stdout=io.StringIO())
    finally:
        connection.close()


async def voice() -> str:
    """Bring RHVoice if it can be brought here, and return who speaks, and why if it is another."""
    fetching = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tts.native.fetch", str(settings.RHVOICE_DIR)),
        cwd=settings.BASE_DIR,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _, complaint = await fetching.communicate()
    finally:
        end_group(fetching.pid, signal.SIGKILL)
    speaks = await asyncio.to_thread(choose, "", "", settings.LANGUAGE_CODE)
    if not fetching.returncode:
        return speaks.label
    return f"{speaks.label}; RHVoice was not fetched: {complaint.decode().strip()}"


def addresses(base: str) -> list[str]:
    """Return a line for each place that a person can open."""
    return [f"{name:8} {base}{path}" for name, path in PLACES.items() if _exists(path)]


def demo_password() -> Path:
    """Return the file in which the demo keeps the password of its administrator."""
    return settings.VAR_DIR / "demo_password"


def sign_in(is_new: bool) -> list[str]:
    """Return how to sign in to the demo; the password is shown once, when it has just been made."""
    file = demo_password()
    if not file.exists():
        return []
    password = file.read_text().strip() if is_new else f"see {file}"
    return [f"{'Sign in':8} admin, password: {password}"]


def _exists(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
