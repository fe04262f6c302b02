"""Imports between the modules of twitter; the layers are a contract in pyproject.toml."""

import pytest

from core.tests.imports import find_import_cycle


@pytest.mark.parametrize("without_types", [True, False], ids=["at run time", "with types"])
def test_there_are_no_import_cycles(without_types: bool) -> None:
    assert find_import_cycle("twitter", without_types=without_types) == []
