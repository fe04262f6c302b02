"""Where the settings come from: the environment, `.env`, and what DEBUG makes up in var/."""

import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ

# Linux allows 107 bytes for the path of a unix socket, macOS 103.
LONGEST_SOCKET_PATH = 100

FLAGS = {"1": True, "true": True, "yes": True, "on": True}
FLAGS |= {"0": False, "false": False, "no": False, "off": False}
DATABASES = ("postgres", "postgresql", "sqlite")
BROKERS = ("redis", "rediss", "unix")


class Misconfigured(SystemExit):
    """Nothing can run in this environment: ends what was started with one sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"{sentence} See .env.example.")


class Environment(environ.Env):
    """Reads variables strictly: an empty one counts as unset, a malformed one is refused by name.

    Addresses are never quoted in a refusal: they hold passwords.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # django-environ has no annotations

    def get_value(
        self,
        var: str,
        cast: Any = None,
        default: Any = environ.Env.NOTSET,
        parse_default: bool = False,
    ) -> Any:
        value = self.ENVIRON.get(var, "").strip()
        if not value:
            return default
        read, meant = KINDS[cast]
        try:
            return read(value)
        except (ValueError, KeyError):
            raise Misconfigured(f"{var} must be {meant}, not “{value}”.") from None

    def choice(self, var: str, choices: tuple[str, ...], default: str) -> str:
        """Read one of a few words, in any case of letters."""
        words = {word.lower(): word for word in choices}
        value = self.get_value(var, cast=str, default=default)
        try:
            return words[value.lower()]
        except KeyError:
            meant = ", ".join(choices)
            raise Misconfigured(f"{var} must be one of {meant}, not “{value}”.") from None

    def time_zone(self, var: str, default: str) -> str:
        """Read the name of a time zone."""
        value: str = self.get_value(var, cast=str, default=default)
        try:
            return ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Misconfigured(f"{var} must be a time zone, not “{value}”.") from None

    def db(self, var: str, default: str) -> dict[str, Any]:  # type: ignore[override]  # stricter
        """Read the address of a database as Django's setting for it."""
        url = self._address(var, DATABASES, default)
        config: dict[str, Any] = self.db_url_config(url)  # type: ignore[no-untyped-call]
        if not config["NAME"]:
            raise Misconfigured(f"{var} does not name a database.")
        return config

    def broker(self, var: str) -> str:
        """Read the address of a Redis or Valkey; empty where there is none."""
        return self._address(var, BROKERS, default="")

    def _address(self, var: str, schemes: tuple[str, ...], default: str) -> str:
        value: str = self.get_value(var, cast=str, default=default)
        if value and not _is_address(value, schemes):
            meant = " or ".join(f"{scheme}://…" for scheme in schemes)
            raise Misconfigured(f"{var} must be an address such as {meant}.")
        return value


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and "://" in value and parts.port != 0
    except ValueError:
        return False


def _listed(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


KINDS: dict[type | None, tuple[Callable[[str], Any], str]] = {
    None: (str, "text"),
    str: (str, "text"),
    int: (int, "a whole number"),
    float: (float, "a number"),
    bool: (lambda value: FLAGS[value.lower()], "1 or 0"),
    list: (_listed, "a list with commas"),
}


def required_in_production(debug: bool, **values: Any) -> None:
    """Refuse to start while any of `values` is not set, when DEBUG is off."""
    missing = [] if debug else [name for name, value in values.items() if not value]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise Misconfigured(f"{_joined(missing)} {verb} not set, and DEBUG is off.")


def _joined(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def kept_secret(file: Path, size: int = 48) -> str:
    """Return the secret of `size` random bytes kept in `file`, made the first time."""
    if not file.exists():
        _keep(file, secrets.token_urlsafe(size))
    return file.read_text().strip()


def embedded_broker_url(run_dir: Path) -> str:
    """Return the address of the embedded Valkey: a unix socket where its path is short enough."""
    path = str(run_dir / "valkey.sock")
    if len(path.encode()) <= LONGEST_SOCKET_PATH:
        return f"unix://{quote(path)}?db=0"
    return f"redis://127.0.0.1:{_kept_port(run_dir / 'valkey.port')}/0"


def _kept_port(file: Path) -> int:
    """Return the port written in `file`; choose a free one the first time, for all processes."""
    if not file.exists():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            _keep(file, str(probe.getsockname()[1]))
    return int(file.read_text())


def _keep(file: Path, text: str) -> None:
    """Write a file that the owner alone can read; of several processes, the first one's stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as out:
        out.write(text)
    try:
        os.link(draft, file)  # appears whole or not at all
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def celery_url(redis_url: str) -> str:
    """Return `redis_url` as Celery spells it, which has a scheme of its own for unix sockets."""
    if not redis_url.startswith("unix://"):
        return redis_url
    return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
