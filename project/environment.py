"""Where the settings' values come from: the environment, `.env`, and what DEBUG makes up in var/."""

import os
import secrets
import socket
from pathlib import Path
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

# Linux allows 107 bytes for the path of a unix socket, macOS 103.
LONGEST_SOCKET_PATH = 100


def kept_secret(file: Path) -> str:
    """Return the secret kept in `file`; make it, readable by the owner alone, the first time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(handle, "w") as out:
        out.write(value := secrets.token_urlsafe(48))
    return value


def embedded_broker_url(run_dir: Path) -> str:
    """Return the address of the embedded Valkey: a unix socket, or a loopback port where the path is too long."""
    path = str(run_dir / "valkey.sock")
    if len(path.encode()) <= LONGEST_SOCKET_PATH:
        return f"unix://{quote(path)}?db=0"
    return f"redis://127.0.0.1:{_kept_port(run_dir / 'valkey.port')}/0"


def _kept_port(file: Path) -> int:
    """Return the port written in `file`; choose a free one the first time, the same for all processes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            chosen = file.with_suffix(f".{os.getpid()}")
            chosen.write_text(str(probe.getsockname()[1]))
        try:
            os.link(chosen, file)
        except FileExistsError:
            pass
        finally:
            chosen.unlink()
    return int(file.read_text())


def celery_url(redis_url: str) -> str:
    """Return `redis_url` as Celery spells it, which has a scheme of its own for unix sockets."""
    if not redis_url.startswith("unix://"):
        return redis_url
    return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


def required_in_production(name: str, value: str | list[str], debug: bool) -> None:
    """Refuse to start without `name` when DEBUG is off."""
    if not value and not debug:
        raise ImproperlyConfigured(
            f"{name} is not set. It is required when DEBUG is off; .env.example explains it."
        )
