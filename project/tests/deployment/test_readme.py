"""The READMEs' first bot, created by the command that they show."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HANDLER = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
CREATES_APP = re.compile(r"^\.venv/bin/python manage\.py (startbot acme) \.\./acme\b", re.MULTILINE)
LISTS_COMMANDS = (
    "from bots.models import Bot; from bots.framework.routing.router import root;"
    "print([command.name for command in root.commands(Bot(slug='x'))])"
)


@pytest.mark.parametrize("name", ["README.md", "README.ru.md"])
def test_the_first_handler_works_in_a_new_app_and_passes_the_linter(
    name: str, tmp_path: Path
) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    (code,), (startbot,) = HANDLER.findall(text), CREATES_APP.findall(text)
    environment = {**os.environ, "VAR_DIR": str(tmp_path / "var")}
    manage = [sys.executable, str(ROOT / "manage.py")]
    app = tmp_path / "acme"

    subprocess.run([*manage, *startbot.split(), str(app)], env=environment, check=True)
    (app / "acme" / "handlers.py").write_text(code, encoding="utf-8")
    environment |= {"SVYAZ_APPS": "acme", "SVYAZ_APPS_PATH": str(app)}
    listed = subprocess.run(
        [*manage, "shell", "--no-imports", "-c", LISTS_COMMANDS],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "'echo'" in listed.stdout
    for command in (["check"], ["format", "--check"]):
        subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--config", str(ROOT / "pyproject.toml"), "."],
            cwd=app,
            check=True,
        )
