"""Write stubs for the former paths of modules, so that type checkers follow them too.

python tools/moved_stubs.py var/stubs
MYPYPATH=/path/to/svyaz:/path/to/svyaz/var/stubs mypy my_app
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bots.moved import MODULES, PACKAGES

ROOT = Path(__file__).parents[1]


def write_stubs(directory: Path) -> None:
    for former, present in find_modules().items():
        module, _, name = present.partition(":")
        stub = directory.joinpath(*former.split(".")).with_suffix(".pyi")
        stub.parent.mkdir(parents=True, exist_ok=True)
        (stub.parent / "__init__.pyi").touch()
        exported = f"{name} as {name}" if name else "*"
        stub.write_text(f"from {module} import {exported}\n", encoding="utf-8")


def find_modules() -> dict[str, str]:
    """Return the present path of each module by its former one."""
    modules = {}
    for former, present in PACKAGES.items():
        for path in ROOT.joinpath(*present.split(".")).glob("*.py"):
            suffix = "" if path.stem == "__init__" else f".{path.stem}"
            modules[f"{former}.{path.stem}"] = f"{present}{suffix}"
    return modules | MODULES


if __name__ == "__main__":
    write_stubs(Path(sys.argv[1]))
