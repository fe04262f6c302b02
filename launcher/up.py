"""`manage.py up`: prepare the database and run all processes.

The supervising process stays small: it does not import Django.
"""

import asyncio
import contextlib
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from launcher import broker, programs
from launcher.configuration import settings
from launcher.processes import Claim, end_group, port_holder, port_is_free
from launcher.supervisor import Console, RestartLimitExceeded, Supervisor

HELP = "Migrate, load demo data, and run web server, worker with beat and embedded broker."
PROGRAMS = ("web", "worker", "valkey")
WEB_START_TIMEOUT = 60.0  # seconds


def main(arguments: Sequence[str]) -> None:
    """Run until a signal. Exit with a message if Svyaz cannot be started."""
    parser = ArgumentParser(prog=f"{Path(sys.argv[0]).name} up", description=HELP)
    add_arguments(parser)
    run(parser.parse_args(arguments).host)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; default: 127.0.0.1"
    )


def run(host: str) -> None:
    claim = Claim(settings.RUN_DIR / "up.lock")
    if not claim.take("manage.py up"):
        raise SystemExit(f"Svyaz is already running here: {claim.holder()}. Stop it first.")
    _check_port(host)
    try:
        asyncio.run(_run(host, claim))
    except (RestartLimitExceeded, broker.BrokerUnavailable) as error:
        raise SystemExit(str(error)) from None
    except TimeoutError:
        waited = f"{WEB_START_TIMEOUT:.0f} s"
        raise SystemExit(
            f"The web server did not respond within {waited}. See its log above."
        ) from None
    finally:
        claim.release()


def _check_port(host: str) -> None:
    port = settings.PORT
    if not port_is_free(host, port):
        taken = f"Port {port} is already in use by {port_holder(port)}."
        raise SystemExit(f"{taken} Choose another: PORT={port + 1} make run")


async def _run(host: str, claim: Claim) -> None:
    async with Supervisor(Console(sys.stdout, PROGRAMS)) as supervisor:
        supervisor.listen(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if settings.BROKER_IS_EMBEDDED and (
            owner := await broker.provide(supervisor, "manage.py up")
        ):
            _say(f"Using the broker started by {owner}.")
        new_password = not programs.demo_password().exists()
        # The web server applies migrations before it listens; the worker needs the tables.
        await supervisor.start(programs.web(host, settings.PORT, claim))
        await supervisor.until(_wait_for_web(host, settings.PORT))
        await supervisor.start(programs.worker(claim))
        _print_addresses(new_password)
        voice = asyncio.create_task(_report_voice())
        try:
            await supervisor.wait()
        finally:
            voice.cancel()
            await asyncio.gather(voice, return_exceptions=True)
    _say("Stopped.")


async def _report_voice() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "django", "fetch_voice"),
        cwd=settings.HOME_DIR,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        output, _ = await process.communicate()
    finally:
        end_group(process.pid, signal.SIGKILL)
    _say(f"  {'Voice':8} {output.decode().strip()}\n")


def _print_addresses(new_password: bool) -> None:
    lines = [
        *programs.addresses(settings.SITE_URL),
        *programs.sign_in(new_password),
        "Press Ctrl-C to stop.",
    ]
    _say("\n".join(["", *(f"  {line}" for line in lines), ""]))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def _wait_for_web(host: str, port: int) -> None:
    """Return when the web server responds to a health check."""
    name = host if host not in ("0.0.0.0", "::", "") else "127.0.0.1"  # noqa: S104  compared, not bound
    async with asyncio.timeout(WEB_START_TIMEOUT):
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection(name, port)
                writer.write(f"GET /health/live HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
                if await reader.readline():
                    writer.close()
                    return
            await asyncio.sleep(0.05)
