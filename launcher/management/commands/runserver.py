"""`manage.py runserver`: the development server with websockets, a worker and the broker.

The outer process runs the broker across reloads. The inner one, which Django restarts when code
changes, serves the pages and runs a worker, so both run the new code.
"""

import asyncio
import functools
import os
import signal
import sys
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from daphne.management.commands.runserver import Command as DaphneCommand
from django.conf import settings
from django.core.management.base import CommandError
from django.utils import autoreload

from launcher import broker, preparation, programs
from launcher.processes import Claim, end_with, port_holder, port_is_free
from launcher.supervisor import Background, Console, RestartLimitExceeded, Supervisor

RELOAD = 3  # the exit status by which Django's inner process requests a restart
PROGRAMS = ("worker", "valkey")


class Command(DaphneCommand):
    help = "Run the web server, a worker and the embedded broker; reload them when code changes."
    default_port = str(settings.PORT)
    companions: Background | None = None
    addr: str
    port: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)  # type: ignore[no-untyped-call]  # Daphne has no types
        parser.set_defaults(use_static_handler=False)  # WhiteNoise serves static files
        parser.add_argument(
            "--no-worker", action="store_false", dest="worker", help="do not start a worker"
        )

    def run(self, **options: Any) -> None:
        if os.environ.get(autoreload.DJANGO_AUTORELOAD_ENV) == "true":
            self._run_inner(**options)
            return
        self._check_port()
        os.environ["PORT"] = self.port
        try:
            sys.exit(asyncio.run(self._run_outer()))
        except (RestartLimitExceeded, broker.BrokerUnavailable) as error:
            raise CommandError(str(error)) from None

    def _check_port(self) -> None:
        if not port_is_free(self.addr, int(self.port)):
            taken = f"Port {self.port} is already in use by {port_holder(int(self.port))}."
            another = f"python manage.py runserver {int(self.port) + 1}"
            raise CommandError(f"{taken} Choose another one: {another}")

    async def _run_outer(self) -> int:
        async with Supervisor(self._console()) as supervisor:
            supervisor.listen(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            if settings.BROKER_IS_EMBEDDED:
                owner = await broker.provide(supervisor, "manage.py runserver")
                if owner:
                    self.stdout.write(f"Using the broker started by {owner}.")
            if settings.DEBUG and await asyncio.to_thread(preparation.is_empty):
                await asyncio.to_thread(preparation.migrate)
                await asyncio.to_thread(preparation.seed)
            status = RELOAD
            while status == RELOAD:
                status = await self._run_child(supervisor)
            return status
        return 0

    async def _run_child(self, supervisor: Supervisor) -> int:
        """Run the inner process once, with the terminal, so that a debugger works."""
        child = await asyncio.create_subprocess_exec(
            *map(str, autoreload.get_child_arguments()),
            env={**os.environ, autoreload.DJANGO_AUTORELOAD_ENV: "true"},
            preexec_fn=functools.partial(end_with, os.getpid()),
        )
        try:
            await supervisor.until(child.wait())
        finally:
            await _end(child)
        return child.returncode if child.returncode is not None and child.returncode >= 0 else 1

    def _run_inner(self, **options: Any) -> None:
        with Background(self._console(), grace=2) as self.companions:
            try:
                super().run(**options)
            finally:
                # A second signal must not interrupt the shutdown of the worker.
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, signal.SIG_IGN)

    def get_application(self, options: dict[str, Any]) -> Any:
        """Start the worker when Daphne loads the application: the code has passed all checks."""
        application = super().get_application(options)  # type: ignore[no-untyped-call]  # nor here
        if self.companions and options["worker"]:
            claim = Claim(settings.RUN_DIR / f"runserver-{self.port}.lock")
            claim.take("manage.py runserver")
            self.companions.start(programs.worker(claim))
        return application

    def _console(self) -> Console:
        return Console(self.stdout, PROGRAMS)


async def _end(child: asyncio.subprocess.Process) -> None:
    """Wait for a child to stop, which the terminal may have signalled; otherwise terminate it."""
    with suppress(TimeoutError):
        await asyncio.wait_for(child.wait(), 0.5)
    if child.returncode is None:
        child.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(child.wait(), 6)
    if child.returncode is None:
        child.kill()
        await child.wait()
