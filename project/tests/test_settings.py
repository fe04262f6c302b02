"""Every variable is explained, and production starts with all that it needs or not at all."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
APPS = ("project", "bots", "twitter", "tts", "realtime", "sandbox", "jobs")
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "kX8s-2Lq9vW0zP4tR7yN1mB6cD3fG5hJ_aE-qUwVtXoZiKbMnCvSdFgHjLp",
    "ALLOWED_HOSTS": "svyaz.example",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def sources() -> Iterator[Path]:
    for app in APPS:
        yield from (path for path in (ROOT / app).rglob("*.py") if "tests" not in path.parts)


def names_read(source: Path) -> Iterator[str]:
    """Yield NAME of every `env.something("NAME", …)`."""
    for node in ast.walk(ast.parse(source.read_text())):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env")),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name


def names_documented() -> list[str]:
    return re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def names_in_compose() -> set[str]:
    return set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**inherited, "PYTHONPYCACHEPREFIX": str(ROOT / "var/cache/pycache"), **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_every_variable_is_explained_and_every_explained_one_is_used():
    read = {name for source in sources() for name in names_read(source)} - {"read_env"}
    documented = names_documented()

    assert len(documented) == len(set(documented))
    assert read | names_in_compose() == set(documented)


def test_the_example_changes_nothing_until_it_is_edited():
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == []


@pytest.mark.parametrize(
    "command",
    [
        ("manage.py", "check"),
        ("-m", "celery", "-A", "project", "report"),
        ("-m", "uvicorn", "project.asgi:application"),
    ],
)
def test_production_refuses_to_start_without_its_settings(command, tmp_path):
    ended = run(*command, DEBUG="0", VAR_DIR=str(tmp_path), REDIS_URL="")

    assert ended.returncode != 0
    assert "SECRET_KEY, ALLOWED_HOSTS and REDIS_URL are not set" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_production_is_clean_by_djangos_own_checks(tmp_path):
    ended = run(
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        **PRODUCTION,
        VAR_DIR=str(tmp_path),
    )

    assert ended.stderr == ""
    assert "no issues (0 silenced)" in ended.stdout


def test_debug_answers_this_machine_alone():
    assert set(settings.LOOPBACK) == {"localhost", "127.0.0.1", "[::1]"}
    assert set(settings.ALLOWED_HOSTS) - {"testserver"} == set(settings.LOOPBACK)
