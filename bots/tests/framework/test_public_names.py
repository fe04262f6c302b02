import importlib
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

import bots
from bots.moved import MODULES, PACKAGES, PERMANENT

MOVED = MODULES | PACKAGES | PERMANENT
ROOT = Path(bots.__file__).parents[1]


@pytest.mark.parametrize("name", bots.__all__)
def test_every_name_in_the_stub_can_be_imported_from_bots(name: str) -> None:
    assert getattr(bots, name) is not None


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'bots' has no attribute 'Rooter'"):
        bots.Rooter  # type: ignore[attr-defined]  # noqa: B018  on purpose


@pytest.mark.filterwarnings("ignore:bots.(filters|transformers) has moved")  # the parent package
@pytest.mark.parametrize(("former", "module"), MOVED.items())
def test_a_former_path_is_the_moved_module_and_names_the_new_path(
    former: Any, module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, former, raising=False)

    warning = pytest.warns(DeprecationWarning, match=f"{former} has moved to {module}")
    with nullcontext() if former in PERMANENT else warning:
        found = importlib.import_module(former)

    assert found is resolve_name(module)


def test_the_modules_of_a_moved_package_are_not_loaded_twice() -> None:
    with pytest.warns(DeprecationWarning, match="bots.fsm.state has moved to bots.framework.fsm"):
        former = importlib.import_module("bots.fsm.state")

    assert former is importlib.import_module("bots.framework.fsm.state")


@pytest.mark.filterwarnings("ignore:bots.fsm has moved")
def test_a_module_that_a_moved_package_lacks_is_an_import_error() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'bots\.fsm\.nothing'"):
        importlib.import_module("bots.fsm.nothing")


def test_stubs_lead_type_checkers_from_former_paths_to_present_ones(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "tools" / "moved_stubs.py", tmp_path], check=True)

    stubs = [it for it in tmp_path.rglob("*.pyi") if it.name != "__init__.pyi"]
    assert len(stubs) >= len(MODULES)
    assert (tmp_path / "bots" / "router.pyi").read_text() == (
        "from bots.framework.routing.router import *\n"
    )
    assert (tmp_path / "bots" / "api" / "__init__.pyi").read_text() == (
        "from bots.framework.api import *\n"
    )
    assert (tmp_path / "bots" / "fsm" / "state.pyi").read_text() == (
        "from bots.framework.fsm.state import *\n"
    )
    assert (tmp_path / "bots" / "transformers" / "journal.pyi").read_text() == (
        "from bots.runtime.journal import journal as journal\n"
    )


def test_the_warning_points_at_the_import(tmp_path: Path) -> None:
    script = tmp_path / "old.py"
    script.write_text("import bots\n\nfrom bots.calling import Context\n", encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-W", "always", script],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert f"{script}:3: DeprecationWarning: bots.calling has moved" in done.stderr
