"""The programs that make up a running Svyaz, and the addresses of its pages."""

import sys
from pathlib import Path

from launcher.configuration import settings
from launcher.processes import Claim
from launcher.supervisor import Program

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
        # Frames far beyond the register's own limit are rejected by the protocol.
        "ws-max-size": str(1024 * 1024),
        "ws-ping-interval": "20",
        "ws-ping-timeout": "20",
        "timeout-graceful-shutdown": "5",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    # core.logs logs requests, with their ids and without query strings.
    return _program(
        "web",
        claim,
        "-m",
        "launcher.web",
        "project.asgi:application",
        "--no-access-log",
        *arguments,
    )


def worker(claim: Claim) -> Program:
    # Mingling with other workers takes a second at start-up, and there are none.
    options = ("--without-mingle", "--without-gossip", "--with-beat")
    return _program(
        "worker", claim, "-m", "celery", "--app", "project", "--quiet", "worker", *options
    )


def _program(name: str, claim: Claim, *arguments: str) -> Program:
    return Program(
        name=name, command=(sys.executable, *arguments), cwd=settings.HOME_DIR, claim=claim
    )


def addresses(base: str) -> list[str]:
    """Return a line with the address of each page."""
    places = {name: path for name, path in PLACES.items() if settings.SANDBOX or name != "Sandbox"}
    return [f"{name:8} {base}{path}" for name, path in places.items()]


def demo_password() -> Path:
    """Return the file with the password of the demo's administrator."""
    return Path(settings.VAR_DIR, "demo_password")


def sign_in(is_new: bool) -> list[str]:
    """Return how to sign in to the demo; the password itself is only shown if it is new."""
    file = demo_password()
    if not file.exists():
        return []
    password = file.read_text().strip() if is_new else f"see {file}"
    return [f"{'Sign in':8} admin, password: {password}"]
