"""Assemble the sources of the distribution svyaz-realtime, from which its wheel is built.

    python tools/realtime_distribution.py var/svyaz-realtime
    python -m uv build var/svyaz-realtime

They are realtime/ without its tests, and the modules of core/ that it imports. Those become the
package `realtime._core`, since many projects have a `core` of their own (docs/decisions/0013).
"""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSION = "core.version"
IMPORT = re.compile(r"^(\s*from )core((?:\.\w+)*)(?= import )", re.MULTILINE)


def assemble(directory: Path) -> None:
    """Write the sources to a directory, which must not exist."""
    shutil.copytree(ROOT / "packaging" / "realtime", directory)
    shutil.copy(ROOT / "LICENSE", directory)
    package = directory / "realtime"
    shutil.copytree(
        ROOT / "realtime", package, ignore=shutil.ignore_patterns("tests", "__pycache__")
    )
    copied: set[str] = set()
    missing = {VERSION, *imported_from_core(package)}
    while missing:
        for module in missing:
            copy_module(module, package)
        copied |= missing
        missing = set(imported_from_core(package)) - copied
    for source in package.rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        source.write_text(IMPORT.sub(r"\1realtime._core\2", text), encoding="utf-8")


def imported_from_core(package: Path) -> Iterator[str]:
    """Yield the names of the modules of core that the package imports."""
    for source in package.rglob("*.py"):
        for match in IMPORT.finditer(source.read_text(encoding="utf-8")):
            yield f"core{match[2]}"


def copy_module(name: str, package: Path) -> None:
    """Copy a module of core, and the `__init__` of each package that contains it."""
    path = ROOT.joinpath(*name.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for file in (
        source,
        *(it / "__init__.py" for it in path.parents if it.is_relative_to(ROOT / "core")),
    ):
        target = package / "_core" / file.relative_to(ROOT / "core")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)


if __name__ == "__main__":
    assemble(Path(sys.argv[1]))
