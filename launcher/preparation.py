"""Preparation of the database and the voice at start-up."""

import asyncio
import io
import signal
import sys

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from launcher.processes import end_group
from tts.engines import choose


def is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def is_empty() -> bool:
    """Return whether no migration has been applied yet."""
    return not MigrationExecutor(connection).loader.applied_migrations


def migrate() -> None:
    """Apply pending migrations. Runs in its own thread and closes its connection."""
    try:
        if not is_migrated():
            call_command("migrate", verbosity=0)
    finally:
        connection.close()


def seed() -> None:
    """Create missing demo data if DEBUG and SANDBOX are on. Runs in its own thread."""
    try:
        if settings.DEBUG and settings.SANDBOX:
            call_command("seed_demo", stdout=io.StringIO())
    finally:
        connection.close()


async def voice() -> str:
    """Download RHVoice if possible and return the label of the default voice, or why it failed."""
    fetching = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tts.native.fetch", str(settings.RHVOICE_DIR)),
        cwd=settings.HOME_DIR,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _, error = await fetching.communicate()
    finally:
        end_group(fetching.pid, signal.SIGKILL)
    speaks = await asyncio.to_thread(choose, "", "", settings.LANGUAGE_CODE)
    if not fetching.returncode:
        return speaks.label
    return f"{speaks.label}; RHVoice was not fetched: {error.decode().strip()}"
