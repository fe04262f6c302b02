"""What processes import when they start. Large modules that few requests need are loaded lazily."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

SUPERVISOR = """
import sys
from launcher import up
from launcher.configuration import settings
print(settings.PORT)
print(*(it for it in ("django", "celery", "redis", "structlog") if it in sys.modules))
"""
LAZY = ("av", "jsonschema", "drf_spectacular.generators", "django.test")

PROCESSES = {
    "web": "import project.asgi, project.urls",
    "worker": "from project.celery import app; app.loader.import_default_modules()",
}


@pytest.mark.parametrize("start", PROCESSES.values(), ids=PROCESSES)
def test_a_process_starts_without_modules_that_few_requests_need(
    start: str, tmp_path: Path
) -> None:
    code = f"import sys; {start}; print(*(it for it in {LAZY} if it in sys.modules))"

    assert run(code, tmp_path) == []


def test_the_supervisor_does_not_import_django(tmp_path: Path) -> None:
    assert run(SUPERVISOR, tmp_path, PORT="8123") == ["8123"]


def run(code: str, var: Path, **variables: str) -> list[str]:
    """Return what the code prints in a process with DEBUG on."""
    environment = {
        **variables,
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "DEBUG": "1",
        "VAR_DIR": str(var),
        "PYTHONPYCACHEPREFIX": str(settings.BASE_DIR / "var/cache/pycache"),
    }

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    return done.stdout.split()
