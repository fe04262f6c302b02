"""`manage.py up`: everything at once, from a database that may not exist yet to an open page."""

import asyncio
import contextlib
import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project import broker, house
from project.processes import Claim, port_holder, port_is_free
from project.supervisor import Console, KeepsDying, Supervisor

PROGRAMS = ("web", "worker", "beat", "valkey")
ANSWERS_WITHIN = 60.0  # seconds


class Command(BaseCommand):
    help = "Migrates, loads the demo, and runs web, worker, beat and the embedded broker."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1)")

    def handle(self, *args: object, **options: Any) -> None:
        claim = Claim(settings.RUN_DIR / "up.lock")
        if not claim.take("manage.py up"):
            raise CommandError(f"Svyaz already runs here: {claim.holder()}.")
        self._refuse_a_taken_port(options["host"])
        try:
            asyncio.run(self._run(options["host"], claim))
        except (KeepsDying, broker.BrokerUnavailable) as error:
            raise CommandError(str(error)) from None
        finally:
            claim.release()

    def _refuse_a_taken_port(self, host: str) -> None:
        port = settings.PORT
        if not port_is_free(host, port):
            taken = f"Port {port} is taken by {port_holder(port)}."
            raise CommandError(f"{taken} Choose another: PORT={port + 1} make run")

    async def _run(self, host: str, claim: Claim) -> None:
        async with Supervisor(Console(self.stdout, PROGRAMS)) as supervisor:
            supervisor.listen(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            if settings.BROKER_IS_EMBEDDED and (
                owner := await broker.provide(supervisor, "manage.py up")
            ):
                self.stdout.write(f"The broker that {owner} runs is shared.")
            new_password = not house.demo_password().exists()
            await asyncio.to_thread(house.migrate)
            await supervisor.start(
                house.web(host, settings.PORT, claim), house.worker(claim), house.beat(claim)
            )
            await asyncio.to_thread(house.seed)
            await supervisor.until(_web_answers(host, settings.PORT))
            self._introduce(new_password)
            voice = asyncio.create_task(self._tell_voice())
            try:
                await supervisor.wait()
            finally:
                voice.cancel()
        self.stdout.write("Stopped.")

    async def _tell_voice(self) -> None:
        self.stdout.write(f"  {'Voice':8} {await house.voice()}\n")

    def _introduce(self, new_password: bool) -> None:
        lines = [
            *house.addresses(settings.SITE_URL),
            *house.sign_in(new_password),
            "Ctrl-C stops it.",
        ]
        self.stdout.write("\n".join(["", *(f"  {line}" for line in lines), ""]))


async def _web_answers(host: str, port: int) -> None:
    """Return once the web server says anything to a request for its health."""
    name = host if host not in ("0.0.0.0", "::", "") else "127.0.0.1"  # noqa: S104  compared, not bound
    async with asyncio.timeout(ANSWERS_WITHIN):
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection(name, port)
                writer.write(f"GET /health/live HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
                if await reader.readline():
                    writer.close()
                    return
            await asyncio.sleep(0.05)
