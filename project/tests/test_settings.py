"""Every variable is explained, and production starts with all that it needs or not at all."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

ROOT: Path = settings.BASE_DIR
APPS = (
    "project",
    "launcher",
    "accounts",
    "bots",
    "twitter",
    "tts",
    "realtime",
    "sandbox",
    "jobs",
    "core",
)
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


def evaluate(expression: str, var: Path, **variables: str) -> str:
    """Return what `expression` is in production, printed."""
    code = f"import django; django.setup(); from django.conf import settings; print(({expression}))"
    environment = {**PRODUCTION, "DJANGO_SETTINGS_MODULE": "project.settings", "VAR_DIR": str(var)}
    ended = run("-c", code, **environment, **variables)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def test_every_variable_is_explained_and_every_explained_one_is_used() -> None:
    read = {name for source in sources() for name in names_read(source)} - {"read_env"}
    documented = names_documented()

    assert len(documented) == len(set(documented))
    assert read | names_in_compose() == set(documented)


def test_every_number_has_limits() -> None:
    unlimited = [
        f"{source.name}: env.{call.func.attr}"
        for source in sources()
        for call in ast.walk(ast.parse(source.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and (call.func.value.id, call.func.attr) in {("env", "int"), ("env", "float")}
    ]

    assert unlimited == []


@pytest.mark.parametrize(
    "variable",
    [
        {"BOTS_KEEP_DAYS": "-1"},
        {"TTS_KEEP_DAYS": "0"},
        {"BOTS_SWEEP_EVERY": "nan"},
        {"SITE_URL": "svyaz.example"},
        {"SVYAZ_APPS": "no_such_package"},
        {"VAR_DIR": "/dev/null/var", "DATABASE_URL": ""},
    ],
)
def test_a_value_that_cannot_work_stops_the_start_in_one_sentence(
    variable: Any, tmp_path: Path
) -> None:
    ended = run("manage.py", "check", **{**PRODUCTION, "VAR_DIR": str(tmp_path), **variable})

    assert ended.returncode != 0
    assert ended.stderr.startswith(next(iter(variable)))
    assert ended.stderr.endswith("See .env.example.\n")
    assert "Traceback" not in ended.stderr


def test_the_example_changes_nothing_until_it_is_edited() -> None:
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
def test_production_refuses_to_start_without_its_settings(command: Any, tmp_path: Path) -> None:
    ended = run(*command, DEBUG="0", VAR_DIR=str(tmp_path), REDIS_URL="")

    assert ended.returncode != 0
    assert "SECRET_KEY, ALLOWED_HOSTS and REDIS_URL are not set" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_production_is_clean_by_djangos_own_checks(tmp_path: Path) -> None:
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
    assert "no issues" in ended.stdout


@pytest.mark.parametrize(("given", "expected"), [({}, "False"), ({"HSTS_PRELOAD": "1"}, "True")])
def test_hsts_preload_is_a_decision_of_its_own(given: Any, expected: str, tmp_path: Path) -> None:
    printed = evaluate(
        "settings.SECURE_HSTS_SECONDS > 0, settings.SECURE_HSTS_PRELOAD", tmp_path, **given
    )

    assert printed == f"(True, {expected})"


@pytest.mark.parametrize(("given", "expected"), [({}, "False"), ({"BOTS_EXAMPLES": "1"}, "True")])
def test_production_has_no_example_bots_and_services(
    given: Any, expected: str, tmp_path: Path
) -> None:
    tree = "__import__('bots.framework.routing.router').framework.routing.router.root.tree()"
    handlers = f"any(it.name == 'examples' for it in {tree})"
    registry = "__import__('bots.services.background').services.background.registry"
    services = f"any('.examples.' in it for it in {registry})"

    assert evaluate(f"{handlers}, {services}", tmp_path, **given) == f"({expected}, {expected})"


def test_the_sandbox_on_a_production_site_is_warned_of(tmp_path: Path) -> None:
    ended = run("manage.py", "check", **PRODUCTION, VAR_DIR=str(tmp_path), SANDBOX="1")

    assert "sandbox.W001" in ended.stderr
    assert "Set SANDBOX=0" in ended.stderr


def test_expired_sessions_are_deleted_by_a_periodic_task(db: Any) -> None:
    expired = SessionStore()
    expired.set_expiry(-1)
    expired.save()
    current = SessionStore()
    current.save()
    (entry,) = [
        it for it in current_app.conf.beat_schedule.values() if it["task"].endswith("sessions")
    ]

    current_app.loader.import_default_modules()
    current_app.tasks[entry["task"]].apply(throw=True)

    assert list(Session.objects.values_list("pk", flat=True)) == [current.session_key]


def test_debug_answers_this_machine_alone() -> None:
    assert set(settings.LOOPBACK) == {"localhost", "127.0.0.1", "[::1]"}
    assert set(settings.ALLOWED_HOSTS) - {"testserver"} == set(settings.LOOPBACK)
