"""Who imports whom; the layers themselves are contracts of import-linter in pyproject.toml."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from core.tests.imports import find_import_cycle

ROOT = Path(__file__).parents[3]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]
(FRAMEWORK,) = (it["source_modules"] for it in CONTRACTS if "framework of bots" in it["name"])
IMPORT_ALL = """
import pkgutil, sys
from importlib import import_module
from bots import Command, F, Keyboard, Message, Router, Scene

for name in sys.argv[1:]:
    for module in pkgutil.walk_packages(import_module(name).__path__, f"{name}."):
        import_module(module.name)
print(*sorted(it for it in sys.modules if it.partition(".")[0] in ("bots", "jobs", "twitter")))
"""


@pytest.mark.parametrize("without_types", [True, False], ids=["at run time", "with types"])
def test_no_modules_of_bots_import_each_other_in_a_circle(without_types: bool) -> None:
    assert find_import_cycle("bots", without_types=without_types) == []


def test_the_framework_is_imported_without_settings_and_loads_nothing_but_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *FRAMEWORK],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = {".".join(it.split(".")[:2]) for it in done.stdout.split()}
    assert loaded == {"bots", "bots.moved", *FRAMEWORK}
