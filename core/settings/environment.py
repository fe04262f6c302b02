"""Reading of settings from the environment and `.env`, and files that DEBUG creates in var/."""

import hmac
import os
import re
import secrets
import socket
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, quote, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
import redis

# Linux allows 107 bytes for the path of a unix socket, macOS 103.
MAX_SOCKET_PATH = 100

Number = TypeVar("Number", int, float)

FLAGS = {"1": True, "true": True, "yes": True, "on": True}
FLAGS |= {"0": False, "false": False, "no": False, "off": False}
DATABASES = ("postgres", "postgresql", "sqlite")
# Control characters, and surrogates, which stand for bytes that are not UTF-8.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
BROKERS = ("redis", "rediss", "unix")
SITES = ("http", "https")
MAIL_SERVERS = ("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "dummymail", "filemail")

# The largest values that are accepted where a variable has no lower limit of its own: what
# PostgreSQL's integers and Python's dates and time-outs can represent.
MAX_INTEGER = 2**31 - 1
MAX_BYTES = 2**62
MAX_DAYS = 36_500
MAX_SECONDS = 366 * 86_400
MIN_TOKEN = 32  # characters


class Misconfigured(SystemExit):
    """The environment is invalid: exits with a message."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"{sentence} See .env.example.")


class Environment(environ.Env):
    """Reads variables strictly: an empty one counts as unset, an invalid one is an error.

    Errors name the variable, but never quote addresses: they may contain passwords.
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
        if UNPRINTABLE.search(value):
            raise Misconfigured(f"{var} must be text in UTF-8 without control characters.")
        read, meant = KINDS[cast]
        try:
            return read(value)
        except (ValueError, KeyError):
            raise Misconfigured(f"{var} must be {meant}, not “{value}”.") from None

    def integer(self, var: str, default: int, low: int = 1, high: int = MAX_INTEGER) -> int:
        """Read a whole number between two limits."""
        value: int = self.get_value(var, cast=int, default=default)
        return _check_range(var, value, low, high, "a whole number")

    def number(self, var: str, default: float, low: float, high: float = MAX_SECONDS) -> float:
        """Read a finite number between two limits."""
        value: float = self.get_value(var, cast=float, default=default)
        return _check_range(var, value, low, high, "a number")

    def site(self, var: str, default: str) -> str:
        """Read the address of a site, without the slashes at its end."""
        return self._address(var, SITES, default).rstrip("/")

    def tokens(self, var: str) -> list[str]:
        """Read secret tokens that are long enough not to be guessed."""
        tokens: list[str] = self.get_value(var, cast=list, default=[])
        if any(len(token) < MIN_TOKEN for token in tokens):
            raise Misconfigured(f"{var} must have at least {MIN_TOKEN} characters.")
        return tokens

    def apps(self, var: str) -> list[str]:
        """Read the names of Django apps, which must be importable."""
        names: list[str] = self.get_value(var, cast=list, default=[])
        for name in names:
            package = name.partition(".")[0]
            if not package.isidentifier() or find_spec(package) is None:
                raise Misconfigured(f"{var} contains “{name}”, but there is no such package.")
        return names

    def choice(self, var: str, choices: tuple[str, ...], default: str) -> str:
        """Read one of a few words, in any case of letters."""
        words = {word.lower(): word for word in choices}
        value = self.get_value(var, cast=str, default=default)
        try:
            return words[value.lower()]
        except KeyError:
            meant = ", ".join(choices)
            raise Misconfigured(f"{var} must be one of {meant}, not “{value}”.") from None

    def word(self, var: str, default: str) -> str:
        """Read a name of letters, digits, "-", "_" and "."."""
        value: str = self.get_value(var, cast=str, default=default)
        if not re.fullmatch(r"[\w.-]+", value, re.ASCII):
            meant = "of letters, digits, “-”, “_” and “.”"
            raise Misconfigured(f"{var} must consist {meant}, not “{value}”.")
        return value

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
        if "sqlite" in config["ENGINE"] and not Path(config["NAME"]).is_absolute():
            raise Misconfigured(f"{var} must have an absolute path: sqlite:////srv/db.sqlite3.")
        # A host that begins with a slash is the directory of a unix socket.
        config["HOST"] = unquote(config["HOST"])
        return config

    def broker(self, var: str) -> str:
        """Read the address of a Redis or Valkey; empty where there is none."""
        value = self._address(var, BROKERS, default="")
        try:
            if value:
                redis.Redis.from_url(value)  # reads the options; connects to nothing yet
        except ValueError:
            raise Misconfigured(f"{var} has an option that Redis does not have.") from None
        return value

    def mail(self, var: str, default: str) -> dict[str, Any]:
        """Read the address of a mail server as Django's settings for it."""
        url = self._address(var, MAIL_SERVERS, default)
        config: dict[str, Any] = self.email_url_config(url)  # type: ignore[no-untyped-call]
        return {name: value for name, value in config.items() if name != "OPTIONS"}

    def _address(self, var: str, schemes: tuple[str, ...], default: str) -> str:
        value: str = self.get_value(var, cast=str, default=default)
        if value and not _is_address(value, schemes):
            meant = " or ".join(f"{scheme}://…" for scheme in schemes)
            raise Misconfigured(f"{var} must be an address such as {meant}.")
        return value


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        is_known = value.startswith(tuple(f"{scheme}://" for scheme in schemes))
        return is_known and parts.port != 0 and _has_location(parts)
    except ValueError:
        return False


def _has_location(parts: SplitResult) -> bool:
    """Return whether an address has what its scheme requires: a host, a socket or a database."""
    match parts.scheme:
        case "http" | "https":
            return bool(parts.hostname) and not parts.query and not parts.fragment
        case "redis" | "rediss":
            return re.fullmatch(r"(/\d*)?", parts.path) is not None
        case "unix":
            return not parts.hostname and len(parts.path) > 1
    return True


def _check_range(var: str, value: Number, low: Number, high: Number, meant: str) -> Number:
    if not low <= value <= high:  # false for NaN
        raise Misconfigured(f"{var} must be {meant} from {low} to {high}, not “{value}”.")
    return value


def _split_list(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


KINDS: dict[type | None, tuple[Callable[[str], Any], str]] = {
    None: (str, "text"),
    str: (str, "text"),
    int: (int, "a whole number"),
    float: (float, "a number"),
    bool: (lambda value: FLAGS[value.lower()], "1 or 0"),
    list: (_split_list, "a list with commas"),
}


def make_directory(var: str, path: Path) -> None:
    """Create the directory that a variable names, unless it exists."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"{var}: cannot create {path} ({error.strerror}).") from None


def require_in_production(debug: bool, **values: Any) -> None:
    """Raise Misconfigured if DEBUG is off and any of `values` is not set."""
    missing = [] if debug else [name for name, value in values.items() if not value]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise Misconfigured(f"{_join_names(missing)} {verb} not set, and DEBUG is off.")


def pairs(var: str, items: list[str]) -> list[tuple[str, str]]:
    """Split the items of a list, `name:value` each."""
    split = [item.rpartition(":") for item in items]
    if any(not name or not value for name, _, value in split):
        raise Misconfigured(f"{var} must be a list such as one:value,another:value.")
    return [(name.strip(), value.strip()) for name, _, value in split]


def check_single_sign_on(
    issuer: str, has_passwords: bool, client_id: str, pachca_client_id: str = ""
) -> None:
    """Refuse to start with half of single sign-on, or with no way to sign in."""
    if issuer and not client_id:
        raise Misconfigured("OIDC_ISSUER is set, and OIDC_CLIENT_ID is not.")
    if not (issuer or has_passwords or pachca_client_id):
        raise Misconfigured(
            "PASSWORD_SIGN_IN is off, and neither OIDC_ISSUER nor PACHCA_CLIENT_ID is set."
        )


def check_pachca_client(client_id: str, secret: str) -> None:
    """Refuse to start with half of sign-in with Pachca."""
    if bool(client_id) != bool(secret):
        raise Misconfigured("Set both PACHCA_CLIENT_ID and PACHCA_CLIENT_SECRET, or neither.")


def derive_secret(key: str, purpose: str) -> str:
    """Return a secret for one purpose that stays the same as long as the key does."""
    return hmac.new(key.encode(), purpose.encode(), "sha256").hexdigest()


def _join_names(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def stored_secret(file: Path, size: int = 48) -> str:
    """Return the secret in `file`; create it from `size` random bytes if there is none."""
    if not file.exists():
        _write_once(file, secrets.token_urlsafe(size))
    return file.read_text().strip()


def embedded_broker_url(run_dir: Path) -> str:
    """Return the address of the embedded Valkey: a unix socket where its path is short enough."""
    path = str(run_dir / "valkey.sock")
    if len(path.encode()) <= MAX_SOCKET_PATH:
        return f"unix://{quote(path)}?db=0"
    return f"redis://127.0.0.1:{_stored_port(run_dir / 'valkey.port')}/0"


def _stored_port(file: Path) -> int:
    """Return the port in `file`; choose a free one if there is none. Shared by all processes."""
    if not file.exists():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            _write_once(file, str(probe.getsockname()[1]))
    return int(file.read_text())


def _write_once(file: Path, text: str) -> None:
    """Write a file that only the owner can read, unless another process has written it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as out:
        out.write(text)
    try:
        os.link(draft, file)  # atomic
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def celery_url(redis_url: str) -> str:
    """Return `redis_url` for Celery, which uses another scheme for unix sockets."""
    if not redis_url.startswith("unix://"):
        return redis_url
    return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
