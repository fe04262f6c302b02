"""Imports between the modules of realtime; the layers are a contract in pyproject.toml."""

import subprocess
import sys

import pytest

from core.tests.imports import find_import_cycle


@pytest.mark.parametrize("without_types", [True, False], ids=["at run time", "with types"])
def test_there_are_no_import_cycles(without_types: bool) -> None:
    assert find_import_cycle("realtime", without_types=without_types) == []


def test_the_protocol_class_is_imported_before_django_is_set_up() -> None:
    """As uvicorn does it, before it imports the application."""
    code = "import os; os.environ.pop('DJANGO_SETTINGS_MODULE', None); import realtime.direct"

    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert outcome.stderr == ""
